import { STATUS_CODES } from 'node:http';
import { isOwned, varyWith } from '../apply.js';
import type { Plan } from '../plan.js';
import { type EventRequest, isObject, type JsonObject, type Kind, member } from './event.js';

/** A response in the form of its kind: a copy that may be modified. */
export type Response = Record<string, unknown>;

/** The adapter's own response to a preflight. */
export function answerOf(request: EventRequest, plan: Plan, status: number): Response {
  return withPlan(request, plan, { ...statusOf(request.kind, status), ...emptyBody(request) });
}

/**
 * In a viewer request, a response with `204` must not have a body, even an empty one. In an origin response,
 * the origin's body is sent if there is none, and two of its fields are read-only.
 */
function emptyBody({ kind, originResponse }: EventRequest): Response {
  if (kind === 'edge_viewer_request') return {};
  if (originResponse === undefined) return { body: '', isBase64Encoded: false };
  const sent = originResponse['headers'];
  const headers: Response = {};
  for (const name of ['transfer-encoding', 'via']) {
    const field = member(sent, name);
    if (field !== undefined) headers[name] = field;
  }
  return { headers, body: '' };
}

/** A plain `500` with the plan's lines, for a handler that threw. */
export function failureOf(request: EventRequest, plan: Plan): Response {
  const { kind } = request;
  const answer: Response = {
    ...statusOf(kind, 500),
    ...emptyBody(request),
    body: 'Internal Server Error',
  };
  writerFor(kind, answer)('Content-Type', 'text/plain; charset=utf-8');
  return withPlan(request, plan, answer);
}

/**
 * The result to return for a handler's: a new object, because a handler may return the same object again. A
 * result that is not a response of its kind is returned unchanged.
 */
export function resultWith(request: EventRequest, plan: Plan, result: unknown): unknown {
  const { kind } = request;
  if (infersResponses(kind) && !(isObject(result) && result['statusCode'] !== undefined)) {
    return withPlan(request, plan, inferred(result));
  }
  if (!isObject(result) || !isMap(result[mapOf(kind)])) return result;
  // In a viewer request, a handler may return the request, which CloudFront then forwards.
  if (kind === 'edge_viewer_request' && result['status'] === undefined) return result;
  return withPlan(request, plan, result);
}

/** The prelude to stream for a handler's. An object that is not a prelude is returned unchanged. */
export function preludeWith(request: EventRequest, plan: Plan, prelude: JsonObject): JsonObject {
  return isMap(prelude[mapOf(request.kind)]) ? withPlan(request, plan, prelude) : prelude;
}

/**
 * Applies a plan to a response: its lines replace those fields in both maps, in any case, and `Vary` is
 * merged. API Gateway sends the values of both maps.
 */
function withPlan(request: EventRequest, plan: Plan, response: JsonObject): Response {
  const vary: string[] = [];
  const answer: Response = { ...response };
  const own = mapOf(request.kind);
  for (const name of [own, own === 'headers' ? 'multiValueHeaders' : 'headers']) {
    const map = response[name];
    if (isObject(map)) answer[name] = without(map, plan, vary);
  }
  const write = writerFor(request.kind, answer);
  for (const { name, ...line } of plan.headers) {
    write(name, 'echo' in line ? (request[line.echo] ?? '') : line.value);
  }
  if (plan.vary.length > 0) write('Vary', varyWith(plan, vary));
  return answer;
}

/** A copy of a map without the fields of the plan; the lines of `Vary` are added to `vary`. */
function without(map: JsonObject, plan: Plan, vary: string[]): Response {
  const kept = Object.entries(map).filter(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower !== 'vary' || plan.vary.length === 0) return !isOwned(lower);
    vary.push(...linesOf(value));
    return false;
  });
  return Object.fromEntries(kept);
}

/** The lines of a field, in any form. */
function linesOf(value: unknown): string[] {
  const lines: unknown[] = Array.isArray(value) ? value : [value];
  return lines
    .map((line) => (isObject(line) ? line['value'] : line))
    .filter((line) => typeof line === 'string');
}

/** Returns a function that writes a field where its kind reads it. */
function writerFor(kind: Kind, response: Response): (name: string, value: string) => void {
  const map = mapOf(kind);
  return (name, value) => {
    const fields = (response[map] ??= {}) as Response;
    if (isEdge(kind)) fields[name.toLowerCase()] = [{ key: name, value }];
    else fields[name] = kind === 'alb_multi' ? [value] : value;
  };
}

/** The map that a kind reads. A load balancer reads only the one that its events have. */
function mapOf(kind: Kind): 'headers' | 'multiValueHeaders' {
  return kind === 'alb_multi' ? 'multiValueHeaders' : 'headers';
}

function isMap(value: unknown): boolean {
  return value === undefined || value === null || isObject(value);
}

/** Whether AWS takes a result without a status as the body of a response. */
function infersResponses(kind: Kind): boolean {
  return kind === 'http2' || kind === 'function_url';
}

/** The response that API Gateway makes of a result without a status, which has no headers. */
function inferred(result: unknown): Response {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: typeof result === 'string' ? result : JSON.stringify(result ?? null),
    isBase64Encoded: false,
  };
}

function statusOf(kind: Kind, status: number): Response {
  const text = STATUS_CODES[status] ?? '';
  if (isEdge(kind)) return { status: String(status), statusDescription: text };
  const describes = kind.startsWith('alb') || kind.startsWith('lattice');
  return describes
    ? { statusCode: status, statusDescription: `${status} ${text}`.trimEnd() }
    : { statusCode: status };
}

function isEdge(kind: Kind): boolean {
  return kind === 'edge_viewer_request' || kind === 'edge_origin_response';
}
