import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Adapter } from './adapter.js';
import { apply } from './apply.js';
import { Incoming, type NodeRequest } from './incoming.js';
import {
  intercept,
  isIntercepted,
  isUntouched,
  nodeWriteHead,
  type Placed,
  placedOn,
  type PlacedResponse,
} from './start.js';

export { hostOf, isHandshake, type NodeRequest } from './incoming.js';

/** The response to a {@link NodeRequest}. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/**
 * Puts the policy in front of a response, whoever makes it: the plan is applied when the header is
 * written, and nothing can remove or double it after that.
 *
 * @param target the request target as the client sent it, where the request does not tell
 * @returns whether the request is answered, and ends here: a preflight, or a handshake that is refused
 */
export function place(
  adapter: Adapter,
  request: NodeRequest,
  nodeResponse: NodeResponse,
  target?: string,
): boolean {
  const response = nodeResponse as unknown as PlacedResponse;
  const { writeHead } = response;
  const before = placedOn(response, writeHead);
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
  const incoming = new Incoming(request, headers, target);
  const plan = adapter.plan(incoming);
  if (plan !== null) {
    const placed = { adapter, plan, request: incoming, writeHead };
    if (plan.status !== null) return answer(response, placed, plan.status);
    intercept(response, placed);
  }
  return (
    incoming.isHandshake &&
    adapter.refuses(incoming.path, incoming.origin, incoming.host) &&
    refuse(response)
  );
}

/** Such a plan echoes nothing. */
const NOTHING = {};

/** Whether a policy stands in front of a response. */
export function isPlaced(response: NodeResponse): boolean {
  return isIntercepted(response as unknown as PlacedResponse);
}

/** Answers `500` to a request whose handler threw, unless the answer has begun or is not governed. */
export function answerFailure(nodeResponse: NodeResponse): void {
  const response = nodeResponse as unknown as PlacedResponse;
  if (response.headersSent || !isIntercepted(response)) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = 500;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('Internal Server Error\n');
}

/** Answers a preflight, unless something before has answered it and let it pass. */
function answer(
  response: PlacedResponse,
  { plan, request, writeHead }: Placed,
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

function refuse(response: PlacedResponse): boolean {
  if (response.headersSent) return false;
  response.statusCode = 403;
  response.setHeader('content-length', '0');
  response.end();
  return true;
}

function warnOfSecond(adapter: Adapter): void {
  adapter.warnOnce(
    'a second adapter with another policy stands behind the first, and has no effect: remove one, or ' +
      'give both the same policy',
  );
}
