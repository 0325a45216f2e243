import type { PolicySource } from '../live.js';
import { isObject, type JsonObject, member } from './event.js';
import { type LambdaExchange, LambdaAdapter, type LambdaOptions } from './exchange.js';
import { call, type CorsHandler, type LambdaHandler } from './handler.js';

/** The options of `withCorsAuthorizer`. Errors of the authorizer always propagate. */
export type AuthorizerOptions = Omit<LambdaOptions, 'onError'>;

/**
 * Adds the CORS headers to the context that a Lambda authorizer returns: `corsAllowOrigin`,
 * `corsAllowCredentials` and `corsExposeHeaders`, each with the value of its header, or empty. The gateway
 * responses of a REST API can map them to the headers of errors that API Gateway itself makes, as
 * `context.authorizer.corsAllowOrigin`.
 *
 * A result is valid for a single origin, so it must not be cached for others: set
 * `authorizerResultTtlInSeconds` to 0, or add `Origin` to the identity sources. If an identity source is
 * missing, API Gateway responds without calling the authorizer, and so without this context.
 *
 * The authorizer must be of type REQUEST. The events of type TOKEN have no headers, and are an error.
 *
 * @throws TypeError for anything but a policy, and for invalid options
 */
export function withCorsAuthorizer<Event, Context, Result>(
  policy: PolicySource,
  authorizer: LambdaHandler<Event, Context, Result>,
  options?: AuthorizerOptions,
): CorsHandler<Event, Context, Result> {
  const adapter = new LambdaAdapter(policy, options);
  return async (event, context, ...rest) => {
    if (member(event, 'type') === 'TOKEN') {
      throw new TypeError(
        'onecors: a TOKEN authorizer does not see the Origin header: make it a REQUEST authorizer, with ' +
          'method.request.header.Authorization as an identity source',
      );
    }
    const exchange = isAuthorizerEvent(event) ? adapter.openAuthorized(event) : null;
    const result = await call(authorizer, event, context, rest);
    return exchange === null ? result : (withContext(exchange, result) as Result);
  };
}

/** Whether an event is that of an authorizer, of a REST API or an HTTP API. */
function isAuthorizerEvent(event: unknown): event is JsonObject {
  return isObject(event) && 'type' in event && ('methodArn' in event || 'routeArn' in event);
}

const MEMBERS: readonly (readonly [name: string, header: string])[] = [
  ['corsAllowOrigin', 'Access-Control-Allow-Origin'],
  ['corsAllowCredentials', 'Access-Control-Allow-Credentials'],
  ['corsExposeHeaders', 'Access-Control-Expose-Headers'],
];

/** A copy of a result with the strings added to its context, which may hold no objects. */
function withContext({ plan, request }: LambdaExchange, result: unknown): unknown {
  if (!isObject(result)) return result;
  const context = result['context'] ?? {};
  if (!isObject(context)) return result;
  const lines = new Map(plan.lines(request));
  const added: Record<string, string> = {};
  for (const [name, header] of MEMBERS) added[name] = lines.get(header) ?? '';
  return { ...result, context: { ...context, ...added } };
}
