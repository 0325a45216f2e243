import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Adapter, type AdapterOptions } from './adapter.js';
import { checkOrder } from './order.js';
import type { PolicySource } from './live.js';
import { pathOf } from './path.js';
import {
  answerFailure,
  hostOf,
  isHandshake,
  type NodeRequest,
  type NodeResponse,
  place,
} from './placement.js';

export type { AdapterOptions } from './adapter.js';
export type { NodeRequest, NodeResponse } from './placement.js';

/** Middleware of Express, Connect, NestJS and their like. */
export type Middleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware that puts a policy in front of everything behind it. It has to be the first; in NestJS,
 * `app.use(cors(policy))` before `app.listen`. The path is the one that the client sees, also where
 * it is mounted under a prefix.
 *
 * It cannot reach what never gets to the application, WebSocket handshakes above all: for those,
 * {@link wrap} the server.
 *
 * @throws {TypeError} for what is no policy
 */
export function cors(policy: PolicySource, options?: AdapterOptions): Middleware {
  const adapter = new Adapter(policy, options);
  let checked = false;
  return function onecors(request, response, next) {
    if (!checked) {
      checkCall(request, next);
      checked = true;
      checkOrder(adapter, request, onecors);
    }
    if (!place(adapter, request, response)) next();
  };
}

/**
 * Puts a policy in front of a server of `node:http`, `node:https` or `node:http2`: of every request
 * that it hears of, whatever handles it, and of WebSocket handshakes. When a handler throws before it
 * has answered, the answer is a plain `500`, and the exception goes on as before.
 *
 * @returns the server
 * @throws {TypeError} for what is no server, such as an application, and for what is no policy
 */
export function wrap<Server extends EventEmitter>(
  server: Server,
  policy: PolicySource,
  options?: AdapterOptions,
): Server {
  const adapter = new Adapter(policy, options);
  checkServer(server);
  wrapWith(server, adapter);
  return server;
}

/** Applications of Express and of Koa are emitters too, but requests are not emitted there. */
function checkServer(server: unknown): void {
  const { emit, address } = (server ?? {}) as { emit?: unknown; address?: unknown };
  if (typeof emit === 'function' && typeof address === 'function') return;
  throw new TypeError(
    'wrap takes a server, and an application or a handler is none: write wrap(http.createServer(app), ' +
      'policy), for Koa wrap(http.createServer(app.callback()), policy), and for Fastify ' +
      'app.register(cors, { policy }) with cors of onecors/fastify',
  );
}

/** Whether middleware is called as that of Express and Connect: others have their own adapters. */
function checkCall(request: Partial<NodeRequest>, next: unknown): void {
  if (typeof request.headers === 'object' && typeof next === 'function') return;
  throw new TypeError(
    'cors of onecors/http is middleware of Express and Connect, and was called with other arguments ' +
      'than theirs: take cors from onecors/koa, onecors/hono or onecors/fastify, of which Fastify takes ' +
      'it as app.register(cors, { policy })',
  );
}

/**
 * As {@link wrap}, with an adapter that another module made.
 *
 * @internal
 */
export function wrapWith(server: EventEmitter, adapter: Adapter): void {
  const emit = server.emit.bind(server) as Emit;
  // Not listeners: Node.js answers differently when there are any, and others could stand before them.
  server.emit = function (event, ...values: unknown[]): boolean {
    const [request, second] = values as [NodeRequest, unknown];
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        return handle(adapter, emit, event, request, second as NodeResponse);
      case 'upgrade':
        if (refuseUpgrade(adapter, request, second as Duplex)) return true;
        break;
      case 'connect':
        if (refuseConnect(adapter, request, second as NodeResponse)) return true;
    }
    return emit(event, ...values);
  };
}

type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

function handle(
  adapter: Adapter,
  emit: Emit,
  event: string,
  request: NodeRequest,
  response: NodeResponse,
): boolean {
  if (place(adapter, request, response)) return true;
  try {
    return emit(event, request, response);
  } catch (error) {
    answerFailure(response);
    throw error;
  }
}

/** Refuses a WebSocket handshake on its socket: there is no response yet. */
function refuseUpgrade(adapter: Adapter, request: NodeRequest, socket: Duplex): boolean {
  const { headers } = request;
  const path = pathOf(request.url as string);
  if (
    !isHandshake(request.method, headers) ||
    !adapter.refuses(path, headers.origin, hostOf(headers))
  ) {
    return false;
  }
  // Whoever goes away meanwhile must not end the process.
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  return true;
}

/** Refuses a WebSocket handshake of HTTP/2 (RFC 8441). */
function refuseConnect(adapter: Adapter, request: NodeRequest, response: NodeResponse): boolean {
  const { headers } = request;
  const path = pathOf(request.url ?? '');
  if (
    headers[':protocol'] !== 'websocket' ||
    !adapter.refuses(path, headers.origin, hostOf(headers))
  ) {
    return false;
  }
  response.statusCode = 403;
  response.end();
  return true;
}
