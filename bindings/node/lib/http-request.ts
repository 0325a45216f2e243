import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { RoutedRequest } from './adapter.js';
import { pathOf } from './path.js';

/** A request of `node:http`, `node:https`, or the compatibility API of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The values of a Node.js request that a decision depends on, as they were when it arrived. */
export class HttpRequest implements RoutedRequest {
  readonly method: string | undefined;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined = undefined;
  readonly accessControlRequestHeaders: string | undefined = undefined;
  readonly #headers: NodeRequest['headers'];
  readonly #request: NodeRequest;
  readonly #target: string | undefined;

  /** @param target the request target as the client sent it, if the request does not have it */
  constructor(request: NodeRequest, headers: NodeRequest['headers'], target: string | undefined) {
    const { method } = request;
    this.method = method;
    this.origin = headers.origin;
    if (method === 'OPTIONS') {
      this.accessControlRequestMethod = headers['access-control-request-method'];
      this.accessControlRequestHeaders = headers['access-control-request-headers'];
    }
    this.#headers = headers;
    this.#request = request;
    this.#target = target;
  }

  get path(): string {
    return pathOf(this.#target ?? targetOf(this.#request));
  }

  get host(): string | undefined {
    return hostOf(this.#headers);
  }

  /** Whether the request is a WebSocket handshake. */
  get isHandshake(): boolean {
    return isHandshake(this.method, this.#headers);
  }
}

/** The value of `Host`, or of `:authority` in HTTP/2. */
export function hostOf(headers: NodeRequest['headers']): string | undefined {
  return headers.host ?? (headers[':authority'] as string | undefined);
}

/** Whether a request is a WebSocket handshake. */
export function isHandshake(
  method: string | undefined,
  { upgrade }: NodeRequest['headers'],
): boolean {
  return (
    upgrade !== undefined && method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(upgrade)
  );
}

/** The request target as the client sent it: Express and others keep it when they change `url`. */
function targetOf(request: NodeRequest): string {
  const { originalUrl } = request as { originalUrl?: string };
  return originalUrl ?? (request.url as string);
}
