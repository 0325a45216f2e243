import type { Plan } from './plan.js';
import type { CorsRequest } from './request.js';

/** The header fields of a response that has not started: those of `node:http`, or a shim. */
export interface ResponseHeaders {
  /** The names of the fields, in lower case. */
  getHeaderNames(): string[];
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): void;
}

/**
 * Applies a plan to a response: its lines replace what the application set of those fields, its tokens
 * are merged into `Vary`, and everything else stays as it is. To apply it again changes nothing.
 */
export function apply(plan: Plan, request: CorsRequest, response: ResponseHeaders): void {
  for (const name of response.getHeaderNames()) {
    if (isOwned(name)) response.removeHeader(name);
  }
  for (const header of plan.headers) {
    const value = 'echo' in header ? (request[header.echo] ?? '') : header.value;
    response.setHeader(header.name, value);
  }
  if (plan.vary.length > 0) mergeVary(plan, response);
}

/** Whether the policy alone says what stands in a field. */
function isOwned(name: string): boolean {
  return (
    name.startsWith('access-control-') &&
    (name.startsWith('allow-', 15) ||
      name === 'access-control-expose-headers' ||
      name === 'access-control-max-age')
  );
}

function mergeVary({ vary }: Plan, response: ResponseHeaders): void {
  const existing = response.getHeader('vary');
  if (existing === undefined) {
    response.setHeader('Vary', vary.join(', '));
    return;
  }
  const value = Array.isArray(existing) ? existing.join(', ') : String(existing);
  const tokens = value.split(',').map((token) => token.trim().toLowerCase());
  if (tokens.includes('*')) return;
  const missing = vary.filter((token) => !tokens.includes(token.toLowerCase()));
  if (missing.length === 0) return;
  const kept = value.trim() === '' ? [] : [value];
  response.setHeader('Vary', [...kept, ...missing].join(', '));
}
