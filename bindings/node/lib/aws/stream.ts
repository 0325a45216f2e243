import type { PolicySource } from '../live.js';
import type { JsonObject } from './event.js';
import { type LambdaExchange, LambdaAdapter, type LambdaOptions } from './exchange.js';
import { type HttpResponseStream, PreludeWriter } from './prelude.js';

/** A handler that streams its response, as for `awslambda.streamifyResponse`. */
export type StreamHandler<Event, Stream, Context, Result> = (
  event: Event,
  responseStream: Stream,
  context: Context,
) => Result | Promise<Result>;

/** The options of `withCorsStream`. */
export interface StreamOptions extends LambdaOptions {
  /** How many bytes to buffer until the client reads, as for `awslambda.streamifyResponse`. */
  readonly highWaterMark?: number | undefined;
}

/** The global object of the Lambda runtime. */
interface Awslambda {
  streamifyResponse: <Handler>(handler: Handler, options?: object) => Handler;
  HttpResponseStream: { from(stream: HttpResponseStream, prelude: JsonObject): HttpResponseStream };
}

/**
 * As `withCors`, for a handler that streams: `export const handler = withCorsStream(policy, async (event,
 * responseStream, context) => ...)`. Use it instead of `awslambda.streamifyResponse`. The handler writes to its
 * stream as usual, through `awslambda.HttpResponseStream.from` to set a status or headers. The CORS headers
 * become part of the prelude.
 *
 * If the handler throws before its first write, `onError` applies, as for `withCors`. After that, the
 * exception propagates to Lambda, and the client sees a truncated stream.
 *
 * @throws TypeError for anything but a policy, and for invalid options
 * @throws Error outside of the Lambda runtime, where there is no `awslambda`
 */
export function withCorsStream<Event, Stream, Context, Result>(
  policy: PolicySource,
  handler: StreamHandler<Event, Stream, Context, Result>,
  options: StreamOptions = {},
): StreamHandler<Event, Stream, Context, Result | undefined> {
  const adapter = new LambdaAdapter(policy, options);
  const { highWaterMark } = options;
  const { streamifyResponse, HttpResponseStream } = runtime();
  const open = (stream: Stream, exchange: LambdaExchange): PreludeWriter =>
    new PreludeWriter(stream as HttpResponseStream, (prelude) =>
      HttpResponseStream.from(stream as HttpResponseStream, exchange.applyToPrelude(prelude)),
    );
  const withPolicy = async (
    event: Event,
    stream: Stream,
    context: Context,
  ): Promise<Result | undefined> => {
    const exchange = adapter.open(event);
    if (exchange === null) return handler(event, stream, context);
    const writer = open(stream, exchange);
    const { answer } = exchange;
    if (answer !== null) {
      writer.answer(answer);
      return undefined;
    }
    try {
      return await handler(event, writer.stream as Stream, context);
    } catch (error) {
      const rescued = writer.hasStarted ? null : exchange.rescue(error);
      if (rescued === null) throw error;
      writer.answer(rescued);
      return undefined;
    }
  };
  return streamifyResponse(withPolicy, highWaterMark === undefined ? undefined : { highWaterMark });
}

function runtime(): Awslambda {
  const { awslambda } = globalThis as { awslambda?: Partial<Awslambda> };
  if (awslambda?.streamifyResponse === undefined || awslambda.HttpResponseStream === undefined) {
    throw new Error(
      'awslambda is not defined: withCorsStream works only in the Node.js runtime of Lambda; in tests, set ' +
        'globalThis.awslambda before loading the handler',
    );
  }
  return awslambda as Awslambda;
}
