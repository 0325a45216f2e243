import { Adapter, type AdapterOptions } from './adapter.js';
import { checkStack } from './order.js';
import type { PolicySource } from './live.js';
import { begin, type NodeRequest, type NodeResponse } from './exchange.js';

export type { AdapterOptions } from './adapter.js';

/** The part of Koa's context that the middleware uses. */
export interface KoaContext {
  /** The request of Node.js. */
  readonly req: NodeRequest;
  /** The response of Node.js. */
  readonly res: NodeResponse;
  /** The request target as the client sent it. */
  readonly originalUrl: string;
  /** The application. */
  readonly app: {
    /** The middleware of the application, in order. */
    readonly middleware: readonly unknown[];
  };
}

const OTHER_FRAMEWORK =
  'cors from onecors/koa is middleware for Koa, but another framework called it: for Express and ' +
  'Connect, import cors from onecors/http instead';

const ANSWERED = Promise.resolve();

/** Koa middleware. */
export type Middleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * Koa middleware that applies a policy, to Koa's own error responses too. It must be the first. For
 * WebSocket handshakes, `wrap` the server (from `onecors/http`).
 *
 * @throws TypeError for anything but a policy
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
    // Koa does not respond again to an answered request. Not an async function, which would cost as
    // much as the decision.
    const isAnswered = begin(adapter, context.req, context.res, context.originalUrl);
    return isAnswered ? ANSWERED : next();
  };
}
