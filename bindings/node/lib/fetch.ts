import { Adapter, type AdapterOptions } from './adapter.js';
import type { PolicySource } from './live.js';
import { watchPreflights } from './preflights.js';
import { FetchExchange } from './fetch-exchange.js';

export type { AdapterOptions } from './adapter.js';

/** A handler of the Fetch API, with the further arguments of its server. */
export type Handler<Incoming extends Request, Rest extends unknown[], Result> = (
  request: Incoming,
  ...rest: Rest
) => Result | Promise<Result>;

/**
 * Applies a policy to a handler: `export default { fetch: cors(policy)(app.fetch) }`. The handler's
 * responses are not modified; new ones are sent. If the handler throws, the response is a plain `500`,
 * and the error goes to the logger.
 *
 * @throws TypeError for anything but a policy
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
      throw new TypeError('cors(policy) takes a handler function: write cors(policy)(app.fetch)');
    }
    return async (request, ...rest) => {
      const exchange = new FetchExchange(adapter, request);
      if (exchange.answer !== null) return exchange.answer;
      try {
        return exchange.apply(await handler(request, ...rest));
      } catch (error) {
        return exchange.rescue(error);
      }
    };
  };
}
