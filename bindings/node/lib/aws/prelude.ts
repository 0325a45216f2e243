import type { JsonObject } from './event.js';
import { type Opening, OpeningReader } from './opening.js';

/** The response stream of the runtime. */
export interface HttpResponseStream {
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(...parts: unknown[]): unknown;
  setContentType(type: string): void;
}

/** The content type of a stream with a prelude: JSON, then eight NULs, then the body. */
const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response';

/** The content type of a stream without a prelude, if the handler does not set it. */
const DEFAULT_TYPE = 'application/octet-stream';

/** A hook that the runtime calls before the first write: `from` uses it to write the prelude. */
type BeforeFirstWrite = (write: (chunk: unknown) => unknown) => void;

/**
 * Wraps the response stream until the prelude is known: the handler's, or one for a stream without. It is
 * sent with the first write, or when the stream ends.
 */
export class PreludeWriter {
  /** The stream for the handler, with replaced methods for writing. */
  readonly stream: HttpResponseStream;
  readonly #target: HttpResponseStream;
  readonly #start: (prelude: JsonObject) => HttpResponseStream;
  #hasStarted = false;
  #contentType = DEFAULT_TYPE;
  #beforeFirstWrite: BeforeFirstWrite | undefined;
  #opening: OpeningReader | undefined;

  /** @param start sends the prelude, and returns the stream for the body */
  constructor(target: HttpResponseStream, start: (prelude: JsonObject) => HttpResponseStream) {
    this.#target = target;
    this.#start = start;
    this.stream = this.#standIn();
  }

  /** Whether the prelude was sent. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Responds instead of the handler. */
  answer({ statusCode, headers, body }: JsonObject): void {
    this.#begin({ statusCode, headers });
    this.#target.write(body);
    this.#target.end();
  }

  /** A proxy: other methods and accessors of the runtime's stream work unchanged. */
  #standIn(): HttpResponseStream {
    const own: Record<string, unknown> = {
      write: (chunk: unknown, encoding?: unknown, callback?: unknown) =>
        this.#write(chunk, encoding, callback),
      end: (...parts: unknown[]) => this.#end(parts),
      setContentType: (type: string) => {
        if (this.#hasStarted) this.#target.setContentType(type);
        else this.#contentType = type;
      },
    };
    return new Proxy(this.#target, {
      get: (target, name) => {
        if (typeof name === 'string' && Object.hasOwn(own, name)) return own[name];
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
      set: (target, name, value: unknown) => {
        if (name !== '_onBeforeFirstWrite') return Reflect.set(target, name, value, target);
        this.#beforeFirstWrite = value as BeforeFirstWrite;
        return true;
      },
    });
  }

  #write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (!this.#hasStarted) this.#takePrelude();
    if (this.#hasStarted) return this.#target.write(chunk, encoding, callback);
    const rest = this.#read(chunk, encoding);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (rest !== null) return this.#target.write(rest, done);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }

  #end(parts: readonly unknown[]): unknown {
    const given = parts.findIndex((part) => typeof part === 'function');
    const callback = given === -1 ? [] : [parts[given]];
    const [chunk, encoding] = given === -1 ? parts : parts.slice(0, given);
    // Without a write, the runtime would not send the prelude.
    if (!this.#hasStarted || (chunk !== undefined && chunk !== null)) {
      this.#write(chunk ?? '', encoding);
    }
    if (!this.#hasStarted) this.#target.write(this.#beginWith(this.#reader.end()));
    return this.#target.end(...callback);
  }

  /** Reads the prelude that the handler passed to `from`. */
  #takePrelude(): void {
    const write = this.#beforeFirstWrite;
    this.#beforeFirstWrite = undefined;
    write?.((chunk) => this.#read(chunk));
  }

  /** Reads a chunk. Returns the bytes to write once the beginning is complete, else `null`. */
  #read(chunk: unknown, encoding?: unknown): Uint8Array | null {
    const opening = this.#reader.read(bytesOf(chunk, encoding));
    return opening && this.#beginWith(opening);
  }

  get #reader(): OpeningReader {
    return (this.#opening ??= new OpeningReader(this.#contentType === WITH_PRELUDE));
  }

  /** Sends the prelude that was read, or one for a stream without. Returns the start of the body. */
  #beginWith({ prelude, body }: Opening): Uint8Array {
    this.#begin(prelude ?? { statusCode: 200, headers: { 'Content-Type': this.#contentType } });
    return body;
  }

  #begin(prelude: JsonObject): void {
    this.#hasStarted = true;
    this.#start(prelude);
  }
}

/** The bytes of a chunk. The runtime writes anything but text and bytes as JSON. */
function bytesOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (typeof chunk !== 'string') return Buffer.from(JSON.stringify(chunk));
  return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}
