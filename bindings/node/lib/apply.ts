import type { Plan } from './plan.js';
import type { CorsRequest } from './request.js';

/** The header fields of a response that has not started: those of `node:http`, or a wrapper. */
export interface ResponseHeaders {
  /** The names of the fields, in lower case. */
  getHeaderNames(): string[];
  getHeader(name: string): HeaderValue | undefined;
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): void;
}

/** The value of a header field of `node:http`: one line or several. */
export type HeaderValue = number | string | readonly string[];

/**
 * Applies a plan to a response: its lines replace those that the application set, and its tokens are
 * merged into `Vary`. Other fields are unchanged. Idempotent.
 *
 * @param names the names of the response's fields
 */
export function apply(
  plan: Plan,
  request: CorsRequest,
  response: ResponseHeaders,
  names: readonly string[] = response.getHeaderNames(),
): void {
  let varies = false;
  for (const name of names) {
    if (name === 'vary') varies = true;
    else if (isOwned(name)) response.removeHeader(name);
  }
  const fields = plan.fields(request);
  for (let index = 0; index < fields.length; index += 2) {
    response.setHeader(fields[index] as string, fields[index + 1] as string);
  }
  if (plan.vary.length === 0) return;
  const existing = varies ? response.getHeader('vary') : undefined;
  const value = existing === undefined ? plan.varyLine : mergeVary(plan, existing);
  if (value !== null) response.setHeader('vary', value);
}

/**
 * As {@link apply}, for fields that are passed to `writeHead` of a response without any.
 *
 * @returns names and values in turn
 */
export function fieldsWith(
  plan: Plan,
  request: CorsRequest,
  given: Readonly<Record<string, HeaderValue>>,
): HeaderValue[] {
  const fields: HeaderValue[] = [];
  let varies = plan.vary.length === 0;
  for (const name of Object.keys(given)) {
    const value = given[name] as HeaderValue;
    const lower = mayCount(name) ? name.toLowerCase() : name;
    if (isOwned(lower)) continue;
    // Node.js throws for a missing value.
    if (lower !== 'vary' || varies || (value as unknown) === undefined) {
      fields.push(name, value);
    } else {
      varies = true;
      fields.push(name, mergeVary(plan, value) ?? value);
    }
  }
  for (const text of plan.fields(request)) fields.push(text);
  if (!varies) fields.push('vary', plan.varyLine);
  return fields;
}

/** Whether a name starts with the letter of `Access-Control-` or `Vary`: most do not. */
function mayCount(name: string): boolean {
  const letter = name.charCodeAt(0) | 0x20;
  return letter === 0x61 || letter === 0x76;
}

/** Whether only the policy sets a field, whose name is in lower case. */
export function isOwned(name: string): boolean {
  return (
    name.startsWith('access-control-') &&
    (name.startsWith('allow-', 15) ||
      name === 'access-control-expose-headers' ||
      name === 'access-control-max-age')
  );
}

/** The value of `Vary` with the tokens of its lines and those of a plan. */
export function varyWith(plan: Plan, lines: readonly string[]): string {
  return mergeVary(plan, lines) ?? lines.join(', ');
}

/** The value of `Vary` with the tokens of a plan added, or `null` if it has them already. */
function mergeVary({ vary }: Plan, existing: HeaderValue): string | null {
  const value = Array.isArray(existing) ? existing.join(', ') : String(existing);
  const tokens = value.split(',').map((token) => token.trim().toLowerCase());
  if (tokens.includes('*')) return null;
  const missing = vary.filter((token) => !tokens.includes(token.toLowerCase()));
  if (missing.length === 0) return null;
  const kept = value.trim() === '' ? [] : [value];
  return [...kept, ...missing].join(', ');
}
