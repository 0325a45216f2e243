import { channel } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { Adapter } from './adapter.js';
import { HttpRequest, type NodeRequest } from './http-request.js';

/** Where Node.js publishes each response that a server has sent. */
const finished = channel('http.server.response.finish');

/** How many paths are logged: clients must not determine the number. */
const MAX_PATHS = 8;

/** The latest adapter: in development, every change of a file creates another. */
let latest: WeakRef<Adapter> | undefined;

/**
 * Next.js answers `OPTIONS` itself if a route does not export it, without calling any handler. So inside
 * Next.js, this checks the responses to preflights, and warns of those without CORS headers.
 */
export function watchPreflights(adapter: Adapter): void {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  if (latest === undefined) finished.subscribe(lookAt);
  latest = new WeakRef(adapter);
}

const paths = new Set<string>();

function lookAt(message: unknown): void {
  const { request, response } = message as { request: NodeRequest; response: ServerResponse };
  if (request.method !== 'OPTIONS' || !isOfNext(response)) return;
  const adapter = latest?.deref();
  const httpRequest = new HttpRequest(request, request.headers, undefined);
  if (!adapter?.allowsPreflight(httpRequest)) return;
  const path = JSON.stringify(httpRequest.path.slice(0, 200).replace(/[^ -~]/g, '?'));
  if (paths.has(path)) return;
  paths.add(path);
  if (paths.size === MAX_PATHS) finished.unsubscribe(lookAt);
  adapter.warnOnce(
    `Next.js answered the preflight of ${path} itself, without CORS headers, so browsers refuse it: ` +
      'export OPTIONS from the route too, as export const OPTIONS = on(handler)',
  );
}

/** Whether a response is Next.js's own to `OPTIONS`. */
function isOfNext(response: ServerResponse): boolean {
  return (
    response.statusCode === 204 &&
    response.hasHeader('allow') &&
    !response.hasHeader('access-control-allow-origin')
  );
}
