import { Adapter, type AdapterOptions } from './adapter.js';
import { checkStack } from './order.js';
import type { PolicySource } from './live.js';
import { type NodeRequest, type NodeResponse, place } from './placement.js';

export type { AdapterOptions } from './adapter.js';

/** The part of Koa's context that is used. */
export interface KoaContext {
  readonly req: NodeRequest;
  readonly res: NodeResponse;
  readonly originalUrl: string;
  readonly app: { readonly middleware: readonly unknown[] };
}

const OTHER_FRAMEWORK =
  'cors of onecors/koa is middleware of Koa, and was called with other arguments than its: for Express ' +
  'and Connect take cors from onecors/http';

const ANSWERED = Promise.resolve();

/** Middleware of Koa. */
export type Middleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * Middleware that puts a policy in front of everything behind it, and of the errors that Koa answers.
 * It has to be the first. For WebSocket handshakes, `wrap` the server, by `onecors/http`.
 *
 * @throws {TypeError} for what is no policy
 */
export function cors(policy: PolicySource, options?: AdapterOptions): Middleware {
  const adapter = new Adapter(policy, options);
  let checked = false;
  return function onecors(context, next) {
    if (!checked) {
      const { app } = context as { app?: Partial<KoaContext['app']> };
      const middleware = app?.middleware;
      if (middleware === undefined) throw new TypeError(OTHER_FRAMEWORK);
      checked = true;
      const stack = middleware.map((handle) => ({ handle, name: (handle as () => void).name }));
      checkStack(adapter, stack, onecors);
    }
    // Koa does not answer again what is answered here. Not an async function: it would cost as much as
    // the decision.
    const isAnswered = place(adapter, context.req, context.res, context.originalUrl);
    return isAnswered ? ANSWERED : next();
  };
}
