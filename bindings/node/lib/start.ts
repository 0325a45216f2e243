import { ServerResponse } from 'node:http';
import { apply, fieldsWith, type HeaderValue, type ResponseHeaders } from './apply.js';
import type { Adapter } from './adapter.js';
import type { Plan } from './plan.js';
import type { CorsRequest } from './request.js';

/** A request and its response, until the header of the response is written. */
export interface Exchange {
  readonly adapter: Adapter;
  readonly plan: Plan;
  /** The request that was decided on; the plan may echo values of it. */
  readonly request: CorsRequest;
  /** The response's own, which other middleware may have wrapped. */
  readonly writeHead: WriteHead;
}

export type WriteHead = (
  this: HttpResponse,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
) => unknown;

/** The headers that `writeHead` accepts: an object, names and values in turn, or pairs of them. */
type GivenHeaders = Readonly<Record<string, HeaderValue>> | readonly HeaderValue[];

const EXCHANGE = Symbol('onecors');

/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export interface HttpResponse extends ResponseHeaders {
  [EXCHANGE]?: Exchange;
  headersSent: boolean;
  statusCode: number;
  writeHead: WriteHead;
  setHeader(name: string, value: string | readonly string[]): unknown;
  end(body?: string): unknown;
}

/**
 * The methods of Node.js. If `writeHead` is not replaced and no field is set, passing all fields to it at
 * once takes half the time.
 */
export const { writeHead: nodeWriteHead, getHeaderNames: nodeGetHeaderNames } =
  ServerResponse.prototype as unknown as {
    writeHead: WriteHead;
    getHeaderNames: (this: HttpResponse) => string[];
  };

/** The exchanges of Express responses, which must not get a property of their own. */
const sharedExchanges = new WeakMap<HttpResponse, Exchange>();

/** Whether a response belongs to an exchange. */
export function isIntercepted(response: HttpResponse): boolean {
  return exchangeOf(response, response.writeHead) !== undefined;
}

/** The exchange of a response, which has this `writeHead`. */
export function exchangeOf(response: HttpResponse, writeHead: WriteHead): Exchange | undefined {
  if (writeHead === nodeWriteHead) return undefined;
  if (writeHead === sharedWriteHead) return sharedExchanges.get(response);
  return response[EXCHANGE] ?? sharedExchanges.get(response);
}

/**
 * Arranges that the plan is applied when the response starts. Then its `writeHead` is called, by `write`,
 * `end` and `flushHeaders` too. Earlier would be too early: frameworks remove header fields before they
 * write an error.
 */
export function intercept(response: HttpResponse, exchange: Exchange): void {
  if (exchange.writeHead === sharedWriteHead || share(response, exchange.writeHead)) {
    sharedExchanges.set(response, exchange);
  } else {
    response[EXCHANGE] = exchange;
    response.writeHead = ownWriteHead;
  }
}

/**
 * Replaces `writeHead` on the prototype that all Express responses of the process inherit from, instead of on
 * the response. Express replaces the prototype of each response. Once such an object gets a property, V8
 * gives it a shape of its own, and every later access takes ten times as long.
 *
 * Responses without an exchange are unaffected, see {@link sharedWriteHead}. Only if `writeHead` is that of
 * Node.js: the replacement must not bypass a wrapper of other middleware.
 *
 * @returns whether the prototype has the replacement
 */
function share(response: HttpResponse, writeHead: WriteHead): boolean {
  let prototype = Object.getPrototypeOf(response) as object;
  if (prototype === ServerResponse.prototype || writeHead !== nodeWriteHead) return false;
  if (!Object.hasOwn(prototype, 'app')) return false;
  // Prototypes of mounted applications inherit from one another, and all of them from Express's.
  for (;;) {
    const next = Object.getPrototypeOf(prototype) as object | null;
    if (next === null) return false;
    if (next === ServerResponse.prototype) break;
    prototype = next;
  }
  (prototype as HttpResponse).writeHead = sharedWriteHead;
  return true;
}

/** Replaces `writeHead` of one response. */
const ownWriteHead: WriteHead = function (status, reason, headers) {
  const exchange = this[EXCHANGE] as Exchange;
  return start(this, exchange, exchange.writeHead, status, reason, headers);
};

/** Replaces the `writeHead` that Express responses inherit. */
const sharedWriteHead: WriteHead = function (status, reason, headers) {
  const exchange = sharedExchanges.get(this);
  return exchange === undefined
    ? nodeWriteHead.call(this, status, reason, headers)
    : start(this, exchange, nodeWriteHead, status, reason, headers);
};

/** Applies the plan, and calls the original `writeHead`. */
function start(
  response: HttpResponse,
  { plan, request }: Exchange,
  writeHead: WriteHead,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
): unknown {
  const given = headers ?? (typeof reason === 'string' ? undefined : reason);
  const message = typeof reason === 'string' ? reason : undefined;
  if (given) {
    // Node.js throws for these.
    if (response.headersSent || isOdd(given)) {
      return writeHead.call(response, status, reason, headers);
    }
    if (!Array.isArray(given) && isUntouched(response, writeHead)) {
      const fields = fieldsWith(plan, request, given as Readonly<Record<string, HeaderValue>>);
      return message === undefined
        ? nodeWriteHead.call(response, status, fields)
        : nodeWriteHead.call(response, status, message, fields);
    }
    setAll(response, given);
  }
  // The first lookup of a method on an Express response takes longer than the call.
  const names = writeHead === nodeWriteHead ? nodeGetHeaderNames.call(response) : undefined;
  apply(plan, request, response, names);
  return message === undefined
    ? writeHead.call(response, status)
    : writeHead.call(response, status, message);
}

/** Whether a response has no fields, and `writeHead` is that of Node.js. */
export function isUntouched(response: HttpResponse, writeHead: WriteHead): boolean {
  return (
    (writeHead === nodeWriteHead || writeHead === sharedWriteHead) &&
    nodeGetHeaderNames.call(response).length === 0
  );
}

function isOdd(given: GivenHeaders | null | undefined): boolean {
  return Array.isArray(given) && !Array.isArray(given[0]) && given.length % 2 !== 0;
}

/** Sets the fields passed to `writeHead`. A name that occurs twice keeps both values. */
function setAll(response: HttpResponse, given: GivenHeaders): void {
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
