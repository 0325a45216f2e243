import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Adapter, RoutedRequest } from './adapter.js';
import { apply, type ResponseHeaders } from './apply.js';
import { pathOf } from './path.js';
import type { Plan } from './plan.js';

/** A request of `node:http`, `node:https`, or the compatibility API of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The response to a {@link NodeRequest}. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What a response carries from when the request was decided on until its header goes out. */
interface Placed {
  readonly adapter: Adapter;
  readonly plan: Plan;
  readonly request: RoutedRequest;
  /** The response's own `writeHead`, which somebody may have wrapped before. */
  readonly writeHead: WriteHead;
}

type WriteHead = (
  this: PlacedResponse,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
) => unknown;

/** What `writeHead` takes: an object, names and values in turn, or pairs of them. */
type GivenHeaders = Readonly<Record<string, string>> | readonly string[] | readonly string[][];

const PLACED = Symbol('onecors');

interface PlacedResponse extends ResponseHeaders {
  [PLACED]?: Placed;
  headersSent: boolean;
  statusCode: number;
  writeHead: WriteHead;
  setHeader(name: string, value: string | readonly string[]): unknown;
  end(body?: string): unknown;
}

/**
 * Puts the policy in front of a response, whoever makes it: the plan is applied when the header is
 * written, and nothing can remove or double it after that.
 *
 * @param target the request target as the client sent it
 * @returns whether the request is answered, and ends here: a preflight, or a handshake that is refused
 */
export function place(
  adapter: Adapter,
  request: NodeRequest,
  nodeResponse: NodeResponse,
  target: string,
): boolean {
  const response = nodeResponse as unknown as PlacedResponse;
  const before = response[PLACED];
  if (before !== undefined) {
    if (before.adapter.source !== adapter.source) warnOfSecond(adapter);
    return false;
  }
  if (response.headersSent) return false;

  const { headers } = request;
  const host = hostOf(request);
  const view = {
    method: request.method,
    path: pathOf(target),
    origin: headers.origin,
    accessControlRequestMethod: headers['access-control-request-method'],
    accessControlRequestHeaders: headers['access-control-request-headers'],
  };
  const plan = adapter.plan(view, host);
  if (plan !== null) {
    response[PLACED] = { adapter, plan, request: view, writeHead: response.writeHead };
    response.writeHead = writeHead;
  }
  if (isHandshake(request) && adapter.refuses(view.path, view.origin, host)) {
    return answer(response, 403);
  }
  return plan !== null && plan.status !== null && answer(response, plan.status);
}

/** Whether a policy stands in front of a response. */
export function isPlaced(response: NodeResponse): boolean {
  return (response as unknown as PlacedResponse)[PLACED] !== undefined;
}

/** Answers `500` to a request whose handler threw, unless the answer has begun or is not governed. */
export function answerFailure(nodeResponse: NodeResponse): void {
  const response = nodeResponse as unknown as PlacedResponse;
  if (response.headersSent || response[PLACED] === undefined) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = 500;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('Internal Server Error\n');
}

/** Whether a request asks to be upgraded to WebSocket. */
export function isHandshake({ method, headers }: NodeRequest): boolean {
  const { upgrade } = headers;
  return (
    upgrade !== undefined && method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(upgrade)
  );
}

/** The host that a request was sent to. */
export function hostOf({ headers }: NodeRequest): string | undefined {
  return headers.host ?? (headers[':authority'] as string | undefined);
}

function answer(response: PlacedResponse, status: number): true {
  response.statusCode = status;
  if (status !== 204 && status !== 205) response.setHeader('Content-Length', '0');
  response.end();
  return true;
}

/**
 * Stands in for a response's `writeHead`, which every response goes through: `write`, `end` and
 * `flushHeaders` call it too. Frameworks remove header fields before they write an error, so this is
 * the first moment at which the plan's lines stay.
 */
function writeHead(
  this: PlacedResponse,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
): unknown {
  const { plan, request, writeHead } = this[PLACED] as Placed;
  const given = headers ?? (typeof reason === 'string' ? undefined : reason);
  // What Node.js would throw for, it is left to throw for.
  if (this.headersSent || isOdd(given)) return writeHead.call(this, status, reason, headers);
  if (given) setAll(this, given);
  apply(plan, request, this);
  return typeof reason === 'string'
    ? writeHead.call(this, status, reason)
    : writeHead.call(this, status);
}

function isOdd(given: GivenHeaders | null | undefined): boolean {
  return Array.isArray(given) && !Array.isArray(given[0]) && given.length % 2 !== 0;
}

/** Sets fields that were given to `writeHead`; a name that is given twice stays doubled. */
function setAll(response: PlacedResponse, given: GivenHeaders): void {
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) response.setHeader(name, value as string);
    return;
  }
  const fields = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of pairs(given)) {
    const field = fields.get(name.toLowerCase());
    if (field === undefined) fields.set(name.toLowerCase(), { name, values: [value].flat() });
    else field.values.push(...[value].flat());
  }
  for (const { name, values } of fields.values()) {
    response.setHeader(name, values.length === 1 ? (values[0] as string) : values);
  }
}

function* pairs(given: readonly string[] | readonly string[][]): Generator<[string, string]> {
  if (Array.isArray(given[0])) {
    yield* given as unknown as [string, string][];
    return;
  }
  for (let index = 0; index < given.length; index += 2) {
    yield [given[index] as string, given[index + 1] as string];
  }
}

function warnOfSecond(adapter: Adapter): void {
  adapter.warnOnce(
    'a second adapter with another policy stands behind the first, and has no effect: remove one, or ' +
      'give both the same policy',
  );
}
