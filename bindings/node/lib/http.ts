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
  begin,
} from './exchange.js';

export type { AdapterOptions } from './adapter.js';
export type { NodeRequest, NodeResponse } from './exchange.js';

/** Middleware for Express, Connect and NestJS. */
export type Middleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Express or Connect middleware that applies a policy. It must be the first; in NestJS, call
 * `app.use(cors(policy))` before `app.listen`. The policy sees the client's path, even if the
 * application is mounted under a prefix.
 *
 * Middleware does not see WebSocket handshakes: for those, {@link wrap} the server.
 *
 * @throws TypeError for anything but a policy
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
    if (!begin(adapter, request, response)) next();
  };
}

/**
 * Applies a policy to a server of `node:http`, `node:https` or `node:http2`: to every request that has a
 * `ServerResponse`, and to WebSocket handshakes. HTTP/2 streams that are handled by `server.on('stream')`
 * are not covered. If a handler throws before its response starts, the response is a plain `500`, and
 * the exception propagates.
 *
 * @returns the server
 * @throws TypeError for anything but a server, such as an application, and for anything but a policy
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

/** Express and Koa applications are event emitters too, but do not emit requests. */
function checkServer(server: unknown): void {
  const { emit, address } = (server ?? {}) as { emit?: unknown; address?: unknown };
  if (typeof emit === 'function' && typeof address === 'function') return;
  throw new TypeError(
    'wrap takes a server, not an application or a handler: write wrap(http.createServer(app), policy), ' +
      'for Koa wrap(http.createServer(app.callback()), policy), and for Fastify ' +
      'app.register(cors, { policy }) with cors from onecors/fastify',
  );
}

/** Checks that Express or Connect calls the middleware: other frameworks have their own adapters. */
function checkCall(request: Partial<NodeRequest>, next: unknown): void {
  if (typeof request.headers === 'object' && typeof next === 'function') return;
  throw new TypeError(
    'cors from onecors/http is middleware for Express and Connect, but another framework called it: ' +
      'import cors from onecors/koa, onecors/hono or onecors/fastify instead; in Fastify, write ' +
      'app.register(cors, { policy })',
  );
}

/**
 * As {@link wrap}, with an existing adapter.
 *
 * @internal
 */
export function wrapWith(server: EventEmitter, adapter: Adapter): void {
  const emit = server.emit.bind(server) as Emit;
  // Not listeners: Node.js behaves differently if there are any, and others could come before them.
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
  if (begin(adapter, request, response)) return true;
  try {
    return emit(event, request, response);
  } catch (error) {
    answerFailure(response);
    throw error;
  }
}

/** Refuses a WebSocket handshake on its socket: there is no response object. */
function refuseUpgrade(adapter: Adapter, request: NodeRequest, socket: Duplex): boolean {
  const { headers } = request;
  const path = pathOf(request.url as string);
  if (
    !isHandshake(request.method, headers) ||
    !adapter.refuses(path, headers.origin, hostOf(headers))
  ) {
    return false;
  }
  // A client that disconnects meanwhile must not end the process.
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  return true;
}

/** Refuses a WebSocket handshake over HTTP/2 (RFC 8441). */
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
