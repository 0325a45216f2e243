import { Adapter, type AdapterOptions } from './adapter.js';
import type { PolicySource } from './live.js';
import { watchPreflights } from './preflights.js';
import { Decided } from './responses.js';

export type { AdapterOptions } from './adapter.js';

/** A handler of the Fetch API, with whatever its server gives it beside the request. */
export type Handler<Incoming extends Request, Rest extends unknown[], Result> = (
  request: Incoming,
  ...rest: Rest
) => Result | Promise<Result>;

/**
 * Puts a policy in front of a handler: `export default { fetch: cors(policy)(app.fetch) }`. A response
 * that a handler makes is never changed; a new one is sent. When the handler throws, the answer is a
 * plain `500`, and the error goes to the logger.
 *
 * @throws {TypeError} for what is no policy
 */
export function cors(
  policy: PolicySource,
  options?: AdapterOptions,
): <Incoming extends Request, Rest extends unknown[], Result>(
  handler: Handler<Incoming, Rest, Result>,
) => (request: Incoming, ...rest: Rest) => Promise<Result | Response> {
  const adapter = new Adapter(policy, options);
  watchPreflights(adapter);
  return (handler) => {
    if (typeof (handler as unknown) !== 'function') {
      throw new TypeError(
        'cors(policy) takes a handler, which is a function: write cors(policy)(app.fetch)',
      );
    }
    return async (request, ...rest) => {
      const decided = new Decided(adapter, request);
      if (decided.answer !== null) return decided.answer;
      try {
        return decided.apply(await handler(request, ...rest));
      } catch (error) {
        return decided.rescue(error);
      }
    };
  };
}
