import type { Adapter } from './adapter.js';

/** A layer of the stack of Express. */
interface Layer {
  readonly name?: string;
  readonly handle?: unknown;
}

/** What stands in front of others by itself, or only looks on. */
const ONLOOKERS = new Set([
  'query',
  'expressInit',
  'compression',
  'helmetMiddleware',
  'logger',
  'loggingMiddleware',
  'requestId',
  'responseTime',
]);

/** What the packages `cors` and `koa-cors` call their middleware. */
const OTHERS = new Set(['corsMiddleware', 'cors']);

/**
 * Looks at an application of Express when the first request comes, and says what to move. Frameworks
 * whose order cannot be seen pass.
 */
export function checkOrder(adapter: Adapter, request: object, middleware: unknown): void {
  const { app } = request as { app?: { _router?: Stacked; router?: Stacked } };
  if (app === undefined) return;
  // Express 4 throws when `router` is read.
  const stack = ('_router' in app ? app._router : app.router)?.stack;
  if (Array.isArray(stack)) checkStack(adapter, stack as Layer[], middleware);
}

interface Stacked {
  readonly stack?: unknown;
}

/** Says which of the layers before a middleware answer without it, and which one is another's CORS. */
export function checkStack(adapter: Adapter, stack: readonly Layer[], middleware: unknown): void {
  const others = stack.filter(({ name = '' }) => OTHERS.has(name));
  if (others.length > 0) {
    adapter.warnOnce('another CORS middleware is in use: remove it, the policy answers everything');
  }
  const index = stack.findIndex(({ handle }) => handle === middleware);
  const before = stack.slice(0, Math.max(index, 0)).map(({ name }) => name || '<anonymous>');
  const answering = before.filter((name) => !ONLOOKERS.has(name));
  if (answering.length > 0) {
    adapter.warnOnce(
      `what stands before cors() can answer without it: ${answering.join(', ')}; move ` +
        'app.use(cors(policy)) to the top, or wrap the server',
    );
  }
}
