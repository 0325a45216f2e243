import { isObject, type JsonObject } from './event.js';

/** The beginning of a stream. */
export interface Opening {
  /** The prelude; `null` if the stream is only a body. */
  readonly prelude: JsonObject | null;
  /** The part of the body that was read. */
  readonly body: Uint8Array;
}

/** The number of NULs between a prelude and the body. */
const NULS = 8;

/** The maximum length of a prelude; API Gateway reads 16 KiB. */
const LONGEST_PRELUDE = 64 * 1024;

/** The start of a JSON object: up to its first name, or its end. */
const START = /^\{\s*(?:\}|"(\w+)")/;

/** A prefix of such a start. */
const START_PREFIX = /^(?:\{\s*(?:"\w*)?)?$/;

/** The maximum length of a start. */
const LONGEST_START = 64;

/** The members of a prelude, and of responses that do not stream, which wrappers leave in it. */
const MEMBERS = new Set([
  'statusCode',
  'statusDescription',
  'headers',
  'multiValueHeaders',
  'cookies',
  'body',
  'isBase64Encoded',
]);

/**
 * Reads the beginning of a stream, in whatever pieces it is written: a JSON object, the prelude; eight NULs;
 * and the body.
 *
 * If the content type does not promise a prelude, the reader detects one. It holds a body back only as long
 * as that may be a prelude: the first name is one of `MEMBERS`, the object has not ended, and the length is
 * below the limit. Other JSON bodies are sent as they are written.
 */
export class OpeningReader {
  readonly #isPromised: boolean;
  readonly #held: Uint8Array[] = [];
  #length = 0;
  readonly #object = new ObjectReader();
  #hasStart = false;
  #nuls = 0;

  /** @param isPromised whether the content type promises a prelude */
  constructor(isPromised: boolean) {
    this.#isPromised = isPromised;
  }

  /**
   * Reads another piece. Returns `null` while it is undecided whether there is a prelude.
   *
   * @throws Error if a promised prelude is missing
   */
  read(bytes: Uint8Array): Opening | null {
    const limit = Math.min(bytes.length, LONGEST_PRELUDE - this.#length);
    for (let at = 0; at < limit; at += 1) {
      if (!this.#take(bytes[at] as number)) return this.#bodyWith(bytes);
      if (this.#nuls === NULS) return this.#split(bytes, at + 1);
    }
    if (limit < bytes.length || !this.#mayStart(bytes)) return this.#bodyWith(bytes);
    if (bytes.length > 0) {
      // A copy: the writer may reuse its memory.
      this.#held.push(Buffer.from(bytes));
      this.#length += bytes.length;
    }
    return null;
  }

  /** The beginning of a stream that has ended. */
  end(): Opening {
    if (this.#isPromised) throw new Error('the stream ended before its prelude did');
    return this.#bodyWith(new Uint8Array(0));
  }

  /** Takes a byte. Returns whether this may still be a prelude. */
  #take(byte: number): boolean {
    if (byte === 0) {
      // JSON contains no NUL, so the object ends before the first.
      this.#nuls += 1;
      return this.#isPromised || this.#object.hasEnded;
    }
    if (this.#isPromised) {
      this.#nuls = 0;
      return true;
    }
    return this.#nuls === 0 && this.#object.take(byte);
  }

  /** Whether the held bytes and these may be the start of a prelude. */
  #mayStart(bytes: Uint8Array): boolean {
    if (this.#isPromised || this.#hasStart) return true;
    const given = Buffer.concat([...this.#held, bytes.subarray(0, LONGEST_START)]);
    const text = given.toString('latin1', 0, LONGEST_START);
    const start = START.exec(text);
    if (start === null) return text.length < LONGEST_START && START_PREFIX.test(text);
    const [, name] = start;
    this.#hasStart = name === undefined || MEMBERS.has(name);
    return this.#hasStart;
  }

  /** The prelude, and the body, which begins at this index. */
  #split(bytes: Uint8Array, at: number): Opening {
    const given = Buffer.concat([...this.#held, bytes.subarray(0, at)]);
    const prelude = parse(given.toString('utf8', 0, given.length - NULS));
    if (isObject(prelude) && this.#mayStart(bytes)) return { prelude, body: bytes.subarray(at) };
    if (!this.#isPromised) return this.#bodyWith(bytes);
    throw new TypeError('the prelude of the stream must be a JSON object, followed by eight NULs');
  }

  #bodyWith(bytes: Uint8Array): Opening {
    if (this.#isPromised) {
      throw new Error(
        'the stream has no prelude, which its content type promises: write a JSON object and eight NULs',
      );
    }
    return {
      prelude: null,
      body: this.#length === 0 ? bytes : Buffer.concat([...this.#held, bytes]),
    };
  }
}

/** Finds the end of a JSON object. */
class ObjectReader {
  #depth = 0;
  #hasBegun = false;
  #isInString = false;
  #isEscaped = false;

  /** Whether the object is complete. */
  get hasEnded(): boolean {
    return this.#hasBegun && this.#depth === 0;
  }

  /** Takes a byte. Returns whether it may belong to the object. */
  take(byte: number): boolean {
    if (this.hasEnded) return false;
    const character = String.fromCharCode(byte);
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === '\\') this.#isEscaped = true;
      else if (character === '"') this.#isInString = false;
      return true;
    }
    if (character === '"') this.#isInString = true;
    else if (character === '{' || character === '[') this.#depth += 1;
    else if (character === '}' || character === ']') this.#depth -= 1;
    if (!this.#hasBegun) this.#hasBegun = character === '{';
    return this.#hasBegun;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
