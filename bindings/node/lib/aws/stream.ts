import type { PolicySource } from '../live.js';
import type { JsonObject } from './event.js';
import { type Exchange, LambdaAdapter, type LambdaOptions } from './exchange.js';
import { type HttpResponseStream, PreludeWriter } from './prelude.js';

/** A handler that streams its response, as `awslambda.streamifyResponse` takes it. */
export type StreamHandler<Event, Stream, Context, Result> = (
  event: Event,
  responseStream: Stream,
  context: Context,
) => Result | Promise<Result>;

/** How a handler that streams works. */
export interface StreamOptions extends LambdaOptions {
  /** As `awslambda.streamifyResponse` takes it: how many bytes are held back until the client reads on. */
  readonly highWaterMark?: number | undefined;
}

/** What the runtime of Lambda puts into the global scope. */
interface Awslambda {
  streamifyResponse: <Handler>(handler: Handler, options?: object) => Handler;
  HttpResponseStream: { from(stream: HttpResponseStream, prelude: JsonObject): HttpResponseStream };
}

/**
 * As `withCors`, for a handler that streams: `export const handler = withCorsStream(policy, async (event,
 * responseStream, context) => ...)`, without `awslambda.streamifyResponse` around it. The handler writes to the
 * stream that it is given as always, through `awslambda.HttpResponseStream.from` where there is more to say
 * than a content type; the headers go into the prelude.
 *
 * When the handler throws before it has written anything, `onError` says what becomes of it, as for
 * `withCors`. After that the header is on its way, the exception goes on to Lambda, and the client
 * sees the stream break off.
 *
 * @throws {TypeError} for what is no policy, and for an option that there is none of
 * @throws {Error} outside of the runtime of Lambda, where there is no `awslambda`
 */
export function withCorsStream<Event, Stream, Context, Result>(
  policy: PolicySource,
  handler: StreamHandler<Event, Stream, Context, Result>,
  options: StreamOptions = {},
): StreamHandler<Event, Stream, Context, Result | undefined> {
  const adapter = new LambdaAdapter(policy, options);
  const { highWaterMark } = options;
  const { streamifyResponse, HttpResponseStream } = runtime();
  const open = (stream: Stream, exchange: Exchange): PreludeWriter =>
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
      'there is no awslambda: withCorsStream needs the Node.js runtime of Lambda, which streams responses; ' +
        'in tests set globalThis.awslambda before the handler is loaded',
    );
  }
  return awslambda as Awslambda;
}
