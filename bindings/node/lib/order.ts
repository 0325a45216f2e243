import type { Adapter } from './adapter.js';

/** A layer of Express's stack. */
interface Layer {
  readonly name?: string;
  readonly handle?: unknown;
}

/** The names of middleware that never responds itself. */
const NEVER_ANSWER = new Set([
  'compression',
  'cookieParser',
  'helmetMiddleware',
  'logger',
  'loggingMiddleware',
  'requestId',
  'responseTime',
]);

/**
 * The anonymous middleware that frameworks add when they create an Express application. It never responds,
 * and nothing can be added before it. It is recognised by its source; minifiers keep property names.
 */
const FRAMEWORK_HOOKS = [
  // NestJS, since 11.
  /\.onResponseHook\b[^]*\.onRequestHook\b/,
  // Feathers 5.
  /\.feathers\s*=\s*\{[^]*\bprovider\s*:/,
];

/** Express 4 adds two layers of its own first: `query` and `expressInit`, unless minified. */
const LAYERS_OF_EXPRESS4 = 2;

/** The names of the middleware of the packages `cors` and `koa-cors`. */
const OTHERS = new Set(['corsMiddleware', 'cors']);

/**
 * Checks the order of middleware in an Express application on the first request, and logs what to move.
 * Does nothing for frameworks that do not expose their order.
 */
export function checkOrder(adapter: Adapter, request: object, middleware: unknown): void {
  const { app } = request as { app?: { _router?: Stacked; router?: Stacked } };
  if (app === undefined) return;
  // Express 4 throws on access to `router`.
  const isExpress4 = '_router' in app;
  const stack = (isExpress4 ? app._router : app.router)?.stack;
  if (!Array.isArray(stack)) return;
  const layers = stack as Layer[];
  checkStack(adapter, isExpress4 ? layers.slice(LAYERS_OF_EXPRESS4) : layers, middleware);
}

interface Stacked {
  readonly stack?: unknown;
}

/** Logs which layers before a middleware can answer without it, and that there is other CORS middleware. */
export function checkStack(adapter: Adapter, stack: readonly Layer[], middleware: unknown): void {
  const others = stack.filter(({ name = '' }) => OTHERS.has(name));
  if (others.length > 0) {
    adapter.warnOnce(
      'there is a second CORS middleware: remove it, because onecors replaces the headers that it sets',
    );
  }
  const index = stack.findIndex(({ handle }) => handle === middleware);
  const answering = stack.slice(0, Math.max(index, 0)).filter((layer) => !neverAnswers(layer));
  if (answering.length > 0) {
    const names = answering.map(({ name }) => name || '<anonymous>').join(', ');
    adapter.warnOnce(
      `middleware before cors() can answer without CORS headers: ${names}; move app.use(cors(policy)) ` +
        'to the top, or wrap the server',
    );
  }
}

function neverAnswers({ name = '', handle }: Layer): boolean {
  if (NEVER_ANSWER.has(name)) return true;
  const source = typeof handle === 'function' ? Function.prototype.toString.call(handle) : '';
  return FRAMEWORK_HOOKS.some((hook) => hook.test(source));
}
