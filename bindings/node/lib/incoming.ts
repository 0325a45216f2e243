import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { RoutedRequest } from './adapter.js';
import { pathOf } from './path.js';

/** A request of `node:http`, `node:https`, or the compatibility API of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** What a decision looks at in a request of Node.js, as it was when the request came. */
export class Incoming implements RoutedRequest {
  readonly method: string | undefined;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined = undefined;
  readonly accessControlRequestHeaders: string | undefined = undefined;
  readonly #headers: NodeRequest['headers'];
  readonly #request: NodeRequest;
  readonly #target: string | undefined;

  /** @param target the request target as the client sent it, where the request does not tell */
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

  /** Whether the request asks to be upgraded to WebSocket. */
  get isHandshake(): boolean {
    return isHandshake(this.method, this.#headers);
  }
}

/** The host that a request was sent to. */
export function hostOf(headers: NodeRequest['headers']): string | undefined {
  return headers.host ?? (headers[':authority'] as string | undefined);
}

/** Whether a request asks to be upgraded to WebSocket. */
export function isHandshake(
  method: string | undefined,
  { upgrade }: NodeRequest['headers'],
): boolean {
  return (
    upgrade !== undefined && method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(upgrade)
  );
}

/** The request target as the client sent it: Express and its like keep it when they change `url`. */
function targetOf(request: NodeRequest): string {
  const { originalUrl } = request as { originalUrl?: string };
  return originalUrl ?? (request.url as string);
}
