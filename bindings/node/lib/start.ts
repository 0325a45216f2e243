import { ServerResponse } from 'node:http';
import { apply, fieldsWith, type HeaderValue, type ResponseHeaders } from './apply.js';
import type { Adapter } from './adapter.js';
import type { Plan } from './plan.js';
import type { CorsRequest } from './request.js';

/** What stands in front of a response until its header goes out. */
export interface Placed {
  readonly adapter: Adapter;
  readonly plan: Plan;
  /** The request that was decided on; the plan may echo parts of it. */
  readonly request: CorsRequest;
  /** The response's own, which somebody may have wrapped before. */
  readonly writeHead: WriteHead;
}

export type WriteHead = (
  this: PlacedResponse,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
) => unknown;

/** What `writeHead` takes: an object, names and values in turn, or pairs of them. */
type GivenHeaders = Readonly<Record<string, HeaderValue>> | readonly HeaderValue[];

const PLACED = Symbol('onecors');

/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export interface PlacedResponse extends ResponseHeaders {
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
export const { writeHead: nodeWriteHead, getHeaderNames: nodeGetHeaderNames } =
  ServerResponse.prototype as unknown as {
    writeHead: WriteHead;
    getHeaderNames: (this: PlacedResponse) => string[];
  };

/** What stands in front of the responses of Express that carry nothing themselves. */
const placedResponses = new WeakMap<PlacedResponse, Placed>();

/** Whether a policy stands in front of a response. */
export function isIntercepted(response: PlacedResponse): boolean {
  return placedOn(response, response.writeHead) !== undefined;
}

/** What stands in front of a response, which has this `writeHead`. */
export function placedOn(response: PlacedResponse, writeHead: WriteHead): Placed | undefined {
  if (writeHead === nodeWriteHead) return undefined;
  if (writeHead === sharedWriteHead) return placedResponses.get(response);
  return response[PLACED] ?? placedResponses.get(response);
}

/**
 * Has the plan applied when the response starts. That is when its `writeHead` is called: `write`, `end`
 * and `flushHeaders` call it too. Frameworks remove header fields before they write an error, so this is
 * the first moment at which the plan's lines stay.
 */
export function intercept(response: PlacedResponse, placed: Placed): void {
  if (placed.writeHead === sharedWriteHead || share(response, placed.writeHead)) {
    placedResponses.set(response, placed);
  } else {
    response[PLACED] = placed;
    response.writeHead = ownWriteHead;
  }
}

/**
 * Express replaces the prototype of each response. To V8 such an object has a shape of its own as soon as
 * it gets a property, and whatever touches it after that takes ten times as long. So its responses get
 * no property: what they inherit, which Express lets others extend, gets the method.
 *
 * Only where `writeHead` is that of Node.js: it must not come between a response and what was put around it.
 */
function share(response: PlacedResponse, writeHead: WriteHead): boolean {
  let prototype = Object.getPrototypeOf(response) as object;
  if (prototype === ServerResponse.prototype || writeHead !== nodeWriteHead) return false;
  if (!Object.hasOwn(prototype, 'app')) return false;
  // Applications that are mounted inherit from one another, and all of them from that of Express.
  for (;;) {
    const next = Object.getPrototypeOf(prototype) as object | null;
    if (next === null) return false;
    if (next === ServerResponse.prototype) break;
    prototype = next;
  }
  (prototype as PlacedResponse).writeHead = sharedWriteHead;
  return true;
}

/** Stands in for the `writeHead` of one response. */
const ownWriteHead: WriteHead = function (status, reason, headers) {
  const placed = this[PLACED] as Placed;
  return start(this, placed, placed.writeHead, status, reason, headers);
};

/** Stands in for the `writeHead` that the responses of Express inherit. */
const sharedWriteHead: WriteHead = function (status, reason, headers) {
  const placed = placedResponses.get(this);
  return placed === undefined
    ? nodeWriteHead.call(this, status, reason, headers)
    : start(this, placed, nodeWriteHead, status, reason, headers);
};

/** Applies the plan, and calls the `writeHead` that was there before. */
function start(
  response: PlacedResponse,
  { plan, request }: Placed,
  writeHead: WriteHead,
  status: number,
  reason?: string | null | GivenHeaders,
  headers?: GivenHeaders | null,
): unknown {
  const given = headers ?? (typeof reason === 'string' ? undefined : reason);
  const message = typeof reason === 'string' ? reason : undefined;
  if (given) {
    // What Node.js would throw for, it is left to throw for.
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
  // A method looked up for the first time on a response of Express takes longer than it runs.
  const names = writeHead === nodeWriteHead ? nodeGetHeaderNames.call(response) : undefined;
  apply(plan, request, response, names);
  return message === undefined
    ? writeHead.call(response, status)
    : writeHead.call(response, status, message);
}

/** Whether a response has no field, and `writeHead` is that of Node.js. */
export function isUntouched(response: PlacedResponse, writeHead: WriteHead): boolean {
  return (
    (writeHead === nodeWriteHead || writeHead === sharedWriteHead) &&
    nodeGetHeaderNames.call(response).length === 0
  );
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
