import { Adapter, type AdapterOptions } from './adapter.js';
import type { PolicySource } from './live.js';
import { watchPreflights } from './preflights.js';
import { Decided } from './responses.js';

export type { AdapterOptions } from './adapter.js';

/** The part of Hono's context that is used. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  get res(): Response;
  set res(response: Response | undefined);
}

/** Middleware of Hono. */
export type Middleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * Middleware that puts a policy in front of everything behind it: `app.use(cors(policy))`, before all
 * else. Around all of an application, `notFound` and `onError` included, is `cors(policy)(app.fetch)`
 * of `onecors/fetch`.
 *
 * @throws {TypeError} for what is no policy
 */
export function cors(policy: PolicySource, options?: AdapterOptions): Middleware {
  const adapter = new Adapter(policy, options);
  watchPreflights(adapter);
  return async function onecors(context, next) {
    const decided = new Decided(adapter, context.req.raw);
    if (decided.answer !== null) return decided.answer;
    let response: Response;
    try {
      await next();
      response = decided.apply(context.res);
    } catch (error) {
      response = decided.rescue(error);
    }
    if (response !== context.res) {
      // Hono would merge the header of the one before into this one.
      context.res = undefined;
      context.res = response;
    }
    return undefined;
  };
}
