import type { Adapter } from './adapter.js';

/** A layer of the stack of Express. */
interface Layer {
  readonly name?: string;
  readonly handle?: unknown;
}

/** What only looks on, and never answers. */
const ONLOOKERS = new Set([
  'compression',
  'cookieParser',
  'helmetMiddleware',
  'logger',
  'loggingMiddleware',
  'requestId',
  'responseTime',
]);

/**
 * The hooks that frameworks put in front of an application of Express when they make it, where nothing can
 * be moved before them. They have no name, so their source is matched; minifiers keep its properties.
 */
const FRAMEWORK_HOOKS = [
  // NestJS, since 11.
  /\.onResponseHook\b[^]*\.onRequestHook\b/,
  // Feathers 5.
  /\.feathers\s*=\s*\{[^]*\bprovider\s*:/,
];

/** How many layers Express 4 puts in front of all others: `query` and `expressInit`, unless minified. */
const LAYERS_OF_EXPRESS4 = 2;

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
  const isExpress4 = '_router' in app;
  const stack = (isExpress4 ? app._router : app.router)?.stack;
  if (!Array.isArray(stack)) return;
  const layers = stack as Layer[];
  checkStack(adapter, isExpress4 ? layers.slice(LAYERS_OF_EXPRESS4) : layers, middleware);
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
  const answering = stack.slice(0, Math.max(index, 0)).filter((layer) => !isOnlooker(layer));
  if (answering.length > 0) {
    const names = answering.map(({ name }) => name || '<anonymous>').join(', ');
    adapter.warnOnce(
      `what stands before cors() can answer without it: ${names}; move ` +
        'app.use(cors(policy)) to the top, or wrap the server',
    );
  }
}

function isOnlooker({ name = '', handle }: Layer): boolean {
  if (ONLOOKERS.has(name)) return true;
  const source = typeof handle === 'function' ? Function.prototype.toString.call(handle) : '';
  return FRAMEWORK_HOOKS.some((hook) => hook.test(source));
}
