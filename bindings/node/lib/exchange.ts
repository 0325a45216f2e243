import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Adapter } from './adapter.js';
import { apply } from './apply.js';
import { HttpRequest, type NodeRequest } from './http-request.js';
import {
  intercept,
  isIntercepted,
  isUntouched,
  nodeWriteHead,
  type Exchange,
  exchangeOf,
  type HttpResponse,
} from './start.js';

export { hostOf, isHandshake, type NodeRequest } from './http-request.js';

/** The response to a {@link NodeRequest}. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/**
 * Begins an exchange: the plan is applied when the header of the response is written, so that nothing can
 * remove or double its lines.
 *
 * @param target the request target as the client sent it, if the request does not have it
 * @returns whether the request is answered already: a preflight, or a refused handshake
 */
export function begin(
  adapter: Adapter,
  request: NodeRequest,
  nodeResponse: NodeResponse,
  target?: string,
): boolean {
  const response = nodeResponse as unknown as HttpResponse;
  const { writeHead } = response;
  const before = exchangeOf(response, writeHead);
  if (before !== undefined) {
    if (before.adapter.source !== adapter.source) warnOfSecond(adapter);
    return false;
  }
  const { headers } = request;
  const { planWithoutOrigin } = adapter;
  if (headers.origin === undefined && planWithoutOrigin !== null) {
    intercept(response, { adapter, plan: planWithoutOrigin, request: NOTHING, writeHead });
    return false;
  }
  const httpRequest = new HttpRequest(request, headers, target);
  const plan = adapter.plan(httpRequest);
  if (plan !== null) {
    const exchange: Exchange = { adapter, plan, request: httpRequest, writeHead };
    if (plan.status !== null) return answer(response, exchange, plan.status);
    intercept(response, exchange);
  }
  return (
    httpRequest.isHandshake &&
    adapter.refuses(httpRequest.path, httpRequest.origin, httpRequest.host) &&
    refuse(response)
  );
}

/** The request of a plan that echoes nothing. */
const NOTHING = {};

/** Whether a response belongs to an exchange. */
export function hasExchange(response: NodeResponse): boolean {
  return isIntercepted(response as unknown as HttpResponse);
}

/** Responds `500` to a request whose handler threw, unless a response has started or no rule governs it. */
export function answerFailure(nodeResponse: NodeResponse): void {
  const response = nodeResponse as unknown as HttpResponse;
  if (response.headersSent || !isIntercepted(response)) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = 500;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('Internal Server Error\n');
}

/** Responds to a preflight, unless earlier middleware has responded and still called `next`. */
function answer(
  response: HttpResponse,
  { plan, request, writeHead }: Exchange,
  status: number,
): boolean {
  if (response.headersSent) return false;
  if (isUntouched(response, writeHead)) {
    nodeWriteHead.call(response, status, plan.answer(request));
  } else {
    if (status !== 204) response.setHeader('content-length', '0');
    apply(plan, request, response);
    writeHead.call(response, status);
  }
  response.end();
  return true;
}

function refuse(response: HttpResponse): boolean {
  if (response.headersSent) return false;
  response.statusCode = 403;
  response.setHeader('content-length', '0');
  response.end();
  return true;
}

function warnOfSecond(adapter: Adapter): void {
  adapter.warnOnce(
    'there is a second adapter with another policy, which has no effect: remove one, or pass the same ' +
      'policy to both',
  );
}
