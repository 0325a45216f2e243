import type { PolicySource } from '../live.js';
import { LambdaAdapter, type LambdaOptions } from './exchange.js';

/** The callback of a callback-style handler. */
export type Callback<Result> = (error?: Error | string | null, result?: Result) => void;

/** A Lambda handler, which returns its result or a promise of it, or calls back. */
export type LambdaHandler<Event, Context, Result> = (
  event: Event,
  context: Context,
  callback: Callback<Result>,
) =>
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- so has @types/aws-lambda
  Result | Promise<Result> | void;

/** A handler with a policy applied. It returns a promise, which every version of the runtime accepts. */
export type CorsHandler<Event, Context, Result> = (
  event: Event,
  context: Context,
  ...rest: unknown[]
) => Promise<Result>;

/**
 * Applies a policy to a handler behind API Gateway, a function URL, a load balancer, CloudFront or VPC
 * Lattice: `export const handler = withCors(policy, async (event) => ...)`. It recognises the kind of event.
 * An event that is not an HTTP request goes to the handler unchanged, and so does its result.
 *
 * A preflight never reaches the handler. Events and results are not modified; a new object is returned.
 *
 * Callback-style handlers work in every version of the runtime, even in those that refuse such handlers:
 * `withCors` passes them a callback of its own.
 *
 * @throws TypeError for anything but a policy, and for invalid options
 */
export function withCors<Event, Context, Result>(
  policy: PolicySource,
  handler: LambdaHandler<Event, Context, Result>,
  options?: LambdaOptions,
): CorsHandler<Event, Context, Result> {
  const adapter = new LambdaAdapter(policy, options);
  // The runtime refuses a handler with three parameters, so the others are a rest parameter.
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
 * Calls a handler of either style. The third argument is the callback of older runtimes, which is replaced,
 * or an argument of a wrapper such as middy.
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
