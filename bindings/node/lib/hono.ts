import { Adapter, type AdapterOptions } from './adapter.js';
import type { PolicySource } from './live.js';
import { watchPreflights } from './preflights.js';
import { FetchExchange } from './fetch-exchange.js';

export type { AdapterOptions } from './adapter.js';

/** The part of Hono's context that the middleware uses. */
export interface HonoContext {
  /** The request. */
  readonly req: {
    /** The request of the Fetch API. */
    readonly raw: Request;
  };
  /** The response. */
  get res(): Response;
  /** Replaces the response. */
  set res(response: Response | undefined);
}

/** Hono middleware. */
export type Middleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * Hono middleware that applies a policy: `app.use(cors(policy))`, before everything else. To cover the
 * whole application, `notFound` and `onError` included, use `cors(policy)(app.fetch)` from
 * `onecors/fetch`.
 *
 * @throws TypeError for anything but a policy
 */
export function cors(policy: PolicySource, options?: AdapterOptions): Middleware {
  const adapter = new Adapter(policy, options);
  watchPreflights(adapter);
  return async function onecors(context, next) {
    const exchange = new FetchExchange(adapter, context.req.raw);
    if (exchange.answer !== null) return exchange.answer;
    let response: Response;
    try {
      await next();
      response = exchange.apply(context.res);
    } catch (error) {
      response = exchange.rescue(error);
    }
    if (response !== context.res) {
      // Otherwise Hono would merge the headers of the previous response into this one.
      context.res = undefined;
      context.res = response;
    }
    return undefined;
  };
}
