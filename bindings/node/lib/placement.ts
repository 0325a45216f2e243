import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Adapter, RoutedRequest } from './adapter.js';
import { apply, fieldsWith, type HeaderValue, type ResponseHeaders } from './apply.js';
import { pathOf } from './path.js';
import type { Plan } from './plan.js';
import type { CorsRequest } from './request.js';

/** A request of `node:http`, `node:https`, or the compatibility API of `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The response to a {@link NodeRequest}. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What is known of a request from when it was decided on until the header of its response goes out. */
class Placed implements RoutedRequest {
  /** Is set when the request has been decided on; `null` for a response that is left alone. */
  plan: Plan | null = null;
  readonly method: string | undefined;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined = undefined;
  readonly accessControlRequestHeaders: string | undefined = undefined;
  readonly #request: NodeRequest;
  readonly #target: string;

  /**
   * @param target the request target as the client sent it
   * @param writeHead the response's own, which somebody may have wrapped before
   */
  constructor(
    readonly adapter: Adapter,
    readonly writeHead: WriteHead,
    request: NodeRequest,
    target: string,
  ) {
    const { headers, method } = request;
    this.method = method;
    this.origin = headers.origin;
    if (method === 'OPTIONS') {
      this.accessControlRequestMethod = headers['access-control-request-method'];
      this.accessControlRequestHeaders = headers['access-control-request-headers'];
    }
    this.#request = request;
    this.#target = target;
  }

  get path(): string {
    return pathOf(this.#target);
  }

  get host(): string | undefined {
    return hostOf(this.#request);
  }
}

type WriteHead = (
  this: PlacedResponse,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
) => unknown;

/** What `writeHead` takes: an object, names and values in turn, or pairs of them. */
type GivenHeaders = Readonly<Record<string, HeaderValue>> | readonly HeaderValue[];

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
 * That of Node.js. When nobody has replaced it, and no field is set, it can be given all fields at
 * once, which takes half the time.
 */
const { writeHead: nodeWriteHead } = ServerResponse.prototype as unknown as PlacedResponse;

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

  const placed = new Placed(adapter, response.writeHead, request, target);
  const plan = adapter.plan(placed);
  if (plan !== null) {
    if (plan.status !== null && isUntouched(placed, response)) {
      return answerAtOnce(response, plan, plan.status, placed);
    }
    placed.plan = plan;
    response[PLACED] = placed;
    response.writeHead = writeHead;
    if (plan.status !== null) return answer(response, plan.status);
  }
  return (
    isHandshake(request) &&
    adapter.refuses(placed.path, placed.origin, placed.host) &&
    answer(response, 403)
  );
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

/** As {@link answer}, for a response without any field whose `writeHead` nobody has replaced. */
function answerAtOnce(
  response: PlacedResponse,
  plan: Plan,
  status: number,
  request: CorsRequest,
): true {
  const given = status === 204 || status === 205 ? NOTHING : NO_BODY;
  nodeWriteHead.call(response, status, fieldsWith(plan, request, given));
  response.end();
  return true;
}

const NOTHING = {};
const NO_BODY = { 'Content-Length': '0' };

function isUntouched({ writeHead }: Placed, response: PlacedResponse): boolean {
  return writeHead === nodeWriteHead && response.getHeaderNames().length === 0;
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
  const placed = this[PLACED] as Placed;
  const plan = placed.plan as Plan;
  const given = headers ?? (typeof reason === 'string' ? undefined : reason);
  // What Node.js would throw for, it is left to throw for.
  if (this.headersSent || isOdd(given)) return placed.writeHead.call(this, status, reason, headers);
  if (given && !Array.isArray(given) && isUntouched(placed, this)) {
    const fields = fieldsWith(plan, placed, given as Readonly<Record<string, HeaderValue>>);
    return typeof reason === 'string'
      ? nodeWriteHead.call(this, status, reason, fields)
      : nodeWriteHead.call(this, status, fields);
  }
  if (given) setAll(this, given);
  apply(plan, placed, this);
  return typeof reason === 'string'
    ? placed.writeHead.call(this, status, reason)
    : placed.writeHead.call(this, status);
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

function* pairs(given: readonly HeaderValue[]): Generator<[string, string]> {
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
