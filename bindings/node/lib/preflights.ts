import { channel } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { Adapter } from './adapter.js';
import { Incoming, type NodeRequest } from './incoming.js';

/** Where Node.js publishes each response that a server has sent. */
const finished = channel('http.server.response.finish');

/** How many paths are named: who sends requests does not decide how much is logged. */
const MAX_PATHS = 8;

/** The adapter that was made last: development makes one anew with each change of a file. */
let latest: WeakRef<Adapter> | undefined;

/**
 * Next.js answers `OPTIONS` itself where a route does not export it, and no handler hears of that. So
 * inside Next.js its answers to preflights are looked at, and those without the policy are warned of.
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
  const incoming = new Incoming(request, request.headers, undefined);
  if (!adapter?.allowsPreflight(incoming)) return;
  const path = JSON.stringify(incoming.path.slice(0, 200).replace(/[^ -~]/g, '?'));
  if (paths.has(path)) return;
  paths.add(path);
  if (paths.size === MAX_PATHS) finished.unsubscribe(lookAt);
  adapter.warnOnce(
    `Next.js has answered the preflight of ${path} itself, and the browser refuses what it answers: a ` +
      'route that uses onecors has to export OPTIONS too, as export const OPTIONS = on(handler)',
  );
}

/** Whether a response is what Next.js answers to `OPTIONS` by itself. */
function isOfNext(response: ServerResponse): boolean {
  return (
    response.statusCode === 204 &&
    response.hasHeader('allow') &&
    !response.hasHeader('access-control-allow-origin')
  );
}
