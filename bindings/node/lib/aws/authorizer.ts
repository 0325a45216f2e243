import type { PolicySource } from '../live.js';
import { isObject, type JsonObject, member } from './event.js';
import { type Exchange, LambdaAdapter, type LambdaOptions } from './exchange.js';
import { call, type CorsHandler, type LambdaHandler } from './handler.js';

/** How an authorizer works with its policy: its errors go on to Lambda always. */
export type AuthorizerOptions = Omit<LambdaOptions, 'onError'>;

/**
 * Adds to the context of what a Lambda authorizer returns what the policy says to the request:
 * `corsAllowOrigin`, `corsAllowCredentials` and `corsExposeHeaders`, each the value of its header, and
 * empty for none. The gateway responses of a REST API can send them with the errors that API Gateway
 * itself makes, as `context.authorizer.corsAllowOrigin`.
 *
 * The result is that of one origin: it must not be cached for another (`authorizerResultTtlInSeconds: 0`,
 * or `Origin` among the identity sources). And where an identity source is missing, API Gateway answers
 * without asking the authorizer, so without this context.
 *
 * The authorizer has to be of the type REQUEST: to one of the type TOKEN, API Gateway sends no header but
 * the token, and its events are an error.
 *
 * @throws {TypeError} for what is no policy, and for an option that there is none of
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
    const exchange = isAsked(event) ? adapter.openAuthorized(event) : null;
    const result = await call(authorizer, event, context, rest);
    return exchange === null ? result : (withContext(exchange, result) as Result);
  };
}

/** Whether an event asks an authorizer, of a REST API or of an HTTP API. */
function isAsked(event: unknown): event is JsonObject {
  return isObject(event) && 'type' in event && ('methodArn' in event || 'routeArn' in event);
}

const MEMBERS: readonly (readonly [name: string, header: string])[] = [
  ['corsAllowOrigin', 'Access-Control-Allow-Origin'],
  ['corsAllowCredentials', 'Access-Control-Allow-Credentials'],
  ['corsExposeHeaders', 'Access-Control-Expose-Headers'],
];

/** A copy of a result with the strings in its context, which can have nothing but such values. */
function withContext({ plan, request }: Exchange, result: unknown): unknown {
  if (!isObject(result)) return result;
  const context = result['context'] ?? {};
  if (!isObject(context)) return result;
  const lines = new Map(plan.lines(request));
  const added: Record<string, string> = {};
  for (const [name, header] of MEMBERS) added[name] = lines.get(header) ?? '';
  return { ...result, context: { ...context, ...added } };
}
