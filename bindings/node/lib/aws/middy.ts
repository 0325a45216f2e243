import type { PolicySource } from '../live.js';
import { type LambdaExchange, LambdaAdapter, type LambdaOptions } from './exchange.js';

/** The part of middy's request that the middleware uses. */
export interface MiddyRequest {
  /** The event. */
  readonly event: unknown;
  /** The response. */
  response: unknown;
  /** The error, if the handler or other middleware threw one. */
  readonly error?: unknown;
}

/** Middy middleware. */
export interface MiddyMiddleware {
  /** Answers preflights. */
  readonly before: (request: MiddyRequest) => unknown;
  /** Adds the headers to the response. */
  readonly after: (request: MiddyRequest) => void;
  /** Adds the headers to the response to an error. */
  readonly onError: (request: MiddyRequest) => void;
}

/**
 * Middy middleware that applies a policy: `middy(handler).use(cors(policy)).use(...)`. It must be the first.
 * Middy calls `before` in the order of `use`, so preflights are answered first. It calls `after` and
 * `onError` in the reverse order, so the response of `httpErrorHandler` gets the headers.
 *
 * If other middleware returns early, middy skips this one. To cover that too, use
 * `withCors(policy, middy(handler).use(...))` instead.
 *
 * @throws TypeError for anything but a policy, and for invalid options
 */
export function cors(policy: PolicySource, options?: LambdaOptions): MiddyMiddleware {
  const adapter = new LambdaAdapter(policy, options);
  const exchanges = new WeakMap<MiddyRequest, LambdaExchange>();
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

/** An error without a response means that `httpErrorHandler` comes first, or is missing. */
function warnOfError(adapter: LambdaAdapter): void {
  adapter.warnOnce(
    'an error has no response, and so no CORS headers: put cors(policy) before httpErrorHandler(), or ' +
      "pass { onError: 'respond' }",
  );
}
