import type { PolicySource } from '../live.js';
import { type Exchange, LambdaAdapter, type LambdaOptions } from './exchange.js';

/** The part of middy's request that is used. */
export interface MiddyRequest {
  readonly event: unknown;
  response: unknown;
  readonly error?: unknown;
}

/** Middleware of middy. */
export interface MiddyMiddleware {
  readonly before: (request: MiddyRequest) => unknown;
  readonly after: (request: MiddyRequest) => void;
  readonly onError: (request: MiddyRequest) => void;
}

/**
 * Middleware of middy that puts a policy in front: `middy(handler).use(cors(policy)).use(...)`. It has to be
 * the first. Middy runs what comes before a handler in the order of `use`, so preflights are answered before
 * all else; and what comes after it in the reverse order, so the headers are put on what
 * `httpErrorHandler` has made of an error.
 *
 * Middy ends at once where other middleware returns early, and does not come back here: around everything
 * is `withCors(policy, middy(handler).use(...))`.
 *
 * @throws {TypeError} for what is no policy, and for an option that there is none of
 */
export function cors(policy: PolicySource, options?: LambdaOptions): MiddyMiddleware {
  const adapter = new LambdaAdapter(policy, options);
  const exchanges = new WeakMap<MiddyRequest, Exchange>();
  const apply = (request: MiddyRequest): void => {
    const exchange = exchanges.get(request);
    if (exchange !== undefined) request.response = exchange.apply(request.response);
  };
  return {
    before: (request) => {
      const exchange = adapter.open(request.event);
      if (exchange === null) return undefined;
      exchanges.set(request, exchange);
      return exchange.answer ?? undefined;
    },
    after: apply,
    onError: (request) => {
      if (request.response !== undefined) {
        apply(request);
        return;
      }
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      const rescued = exchange.rescue(request.error);
      if (rescued !== null) request.response = rescued;
      else warnOfError(adapter);
    },
  };
}

/** That nobody has answered an error shows that what would do so stands in front, or nowhere. */
function warnOfError(adapter: LambdaAdapter): void {
  adapter.warnOnce(
    'an error goes on without a response, and so without headers: put cors(policy) before ' +
      "httpErrorHandler(), or give it { onError: 'respond' }",
  );
}
