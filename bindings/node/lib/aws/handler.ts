import type { PolicySource } from '../live.js';
import { LambdaAdapter, type LambdaOptions } from './exchange.js';

/** How a handler in the style of callbacks ends. */
export type Callback<Result> = (error?: Error | string | null, result?: Result) => void;

/** A handler of Lambda: one that returns its result, or a promise of it, or calls back. */
export type LambdaHandler<Event, Context, Result> = (
  event: Event,
  context: Context,
  callback: Callback<Result>,
) =>
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- so has @types/aws-lambda
  Result | Promise<Result> | void;

/** A handler with a policy in front. It always returns a promise, as every version of Lambda takes it. */
export type CorsHandler<Event, Context, Result> = (
  event: Event,
  context: Context,
  ...rest: unknown[]
) => Promise<Result>;

/**
 * Puts a policy in front of a handler behind API Gateway, a function URL, a load balancer, CloudFront or VPC
 * Lattice: `export const handler = withCors(policy, async (event) => ...)`. What kind an event is of, it
 * tells; one that is no HTTP request goes to the handler as it is, and so does its result.
 *
 * A preflight is answered, and never reaches the handler. Neither events nor results are changed: what is
 * returned is a new object.
 *
 * A handler in the style of callbacks works in every version of the runtime, those that refuse such
 * handlers included: it is given a callback here.
 *
 * @throws {TypeError} for what is no policy, and for an option that there is none of
 */
export function withCors<Event, Context, Result>(
  policy: PolicySource,
  handler: LambdaHandler<Event, Context, Result>,
  options?: LambdaOptions,
): CorsHandler<Event, Context, Result> {
  const adapter = new LambdaAdapter(policy, options);
  // The runtime refuses a handler of three parameters, so the others are left open.
  return async (event, context, ...rest) => {
    const exchange = adapter.open(event);
    if (exchange === null) return call(handler, event, context, rest);
    const { answer } = exchange;
    if (answer !== null) return answer as Result;
    let result: Result;
    try {
      result = await call(handler, event, context, rest);
    } catch (error) {
      const rescued = exchange.rescue(error);
      if (rescued === null) throw error;
      return rescued as Result;
    }
    return exchange.apply(result) as Result;
  };
}

/**
 * Calls a handler of either style. What came third is the callback of older runtimes, for which there is
 * one of ours, or what a wrapper such as middy gives its handler.
 */
export function call<Event, Context, Result>(
  handler: LambdaHandler<Event, Context, Result>,
  event: Event,
  context: Context,
  [third, ...rest]: readonly unknown[],
): Promise<Result> {
  const given = third !== undefined && typeof third !== 'function';
  return new Promise<Result>((resolve, reject) => {
    const callback: Callback<Result> = (error, result) => {
      if (error === undefined || error === null) resolve(result as Result);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- text is an error to Lambda
      else reject(error);
    };
    const returned = (handler as (...parts: unknown[]) => unknown)(
      event,
      context,
      given ? third : callback,
      ...rest,
    );
    const calledBack = returned === undefined && !given && (handler.length >= 3 || Boolean(third));
    if (!calledBack) resolve(returned as Result | Promise<Result>);
  });
}
