import type { Adapter, RoutedRequest } from './adapter.js';
import { apply, type ResponseHeaders } from './apply.js';
import { pathOf } from './path.js';
import type { Plan } from './plan.js';

/** A request of the Fetch API, and the plan for its response. */
export class FetchExchange {
  readonly #adapter: Adapter;
  readonly #request: RoutedRequest;
  readonly #plan: Plan | null;
  /** The adapter's own response, if there is one: to a preflight, or to a refused handshake. */
  readonly answer: Response | null;

  constructor(adapter: Adapter, { method, url, headers }: Request) {
    this.#adapter = adapter;
    const host = headers.get('host') ?? new URL(url).host;
    this.#request = {
      method,
      path: pathOf(url),
      origin: headers.get('origin') ?? undefined,
      accessControlRequestMethod: headers.get('access-control-request-method') ?? undefined,
      accessControlRequestHeaders: headers.get('access-control-request-headers') ?? undefined,
      host,
    };
    this.#plan = adapter.plan(this.#request);
    this.answer = this.#answer(headers, host);
  }

  /**
   * Returns the response to send for a handler's. Always a new one, because the handler's may be
   * immutable, or used again for another request.
   */
  apply<Result>(response: Result): Result | Response {
    const plan = this.#plan;
    // The response of an upgrade has no headers to set, and must be the same object.
    if (plan === null || !isResponse(response) || response.status < 200) return response;
    const { body, status, statusText } = response;
    const headers = new Headers(response.headers);
    apply(plan, this.#request, new HeadersView(headers));
    return new Response(body, { status, statusText, headers });
  }

  /**
   * Returns the response for what a handler threw: a plain `500`, after logging the error as a server would.
   * A thrown response is sent as if it were returned.
   */
  rescue(thrown: unknown): Response {
    if (this.#plan === null || isControlFlow(thrown)) throw thrown;
    if (isResponse(thrown)) return this.apply(thrown);
    this.#adapter.report(thrown);
    return this.apply(
      new Response('Internal Server Error\n', {
        status: 500,
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      }),
    );
  }

  #answer(headers: Headers, host: string): Response | null {
    const { method, path, origin } = this.#request;
    const isHandshake =
      method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(headers.get('upgrade') ?? '');
    if (isHandshake && this.#adapter.refuses(path, origin ?? undefined, host)) {
      return this.#empty(403);
    }
    const status = this.#plan?.status ?? null;
    return status === null ? null : this.#empty(status);
  }

  #empty(status: number): Response {
    const headers = status === 204 || status === 205 ? {} : { 'Content-Length': '0' };
    return this.apply(new Response(null, { status, headers }));
  }
}

/** Wraps the headers of the Fetch API, to apply a plan to them. */
export class HeadersView implements ResponseHeaders {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  removeHeader(name: string): void {
    this.#headers.delete(name);
  }
}

/** Not `instanceof`: servers and test tools have classes of their own. */
function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;
}

/** Whether Next.js itself catches what was thrown: its `redirect` and `notFound` throw. */
function isControlFlow(thrown: unknown): boolean {
  const { digest } = (thrown ?? {}) as { digest?: unknown };
  return typeof digest === 'string' && digest.startsWith('NEXT_');
}
