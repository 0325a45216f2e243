import { isObject, type JsonObject } from './event.js';

/** What a stream begins with. */
export interface Opening {
  /** The prelude; `null` for a stream that is a body alone. */
  readonly prelude: JsonObject | null;
  /** What was read of the body. */
  readonly body: Uint8Array;
}

/** How many NULs stand between a prelude and the body. */
const NULS = 8;

/** Where a prelude has to end; API Gateway looks at the first 16 KiB. */
const LONGEST_PRELUDE = 64 * 1024;

/** How a JSON object starts: with its first name, or with its end. */
const START = /^\{\s*(?:\}|"(\w+)")/;

/** What may go on to be a start. */
const STARTED = /^(?:\{\s*(?:"\w*)?)?$/;

/** Where a start has to end. */
const LONGEST_START = 64;

/** The members of a prelude, and those of responses that do not stream, which wrappers leave in it. */
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
 * Reads what a stream begins with, in whatever pieces it is written: a prelude is a JSON object, eight NULs,
 * and then the body.
 *
 * Where the content type has not promised a prelude, there is one if it is there. A body is held back only as
 * long as it may still turn out to be one: its first name is that of a member, its object has not ended, and
 * it is not too long. So a body that is JSON itself goes out as it is written.
 */
export class OpeningReader {
  readonly #isPromised: boolean;
  readonly #held: Uint8Array[] = [];
  #length = 0;
  readonly #object = new ObjectReader();
  #hasStart = false;
  #nuls = 0;

  /** @param isPromised whether the content type says that there is a prelude */
  constructor(isPromised: boolean) {
    this.#isPromised = isPromised;
  }

  /**
   * Reads on. Returns `null` while it cannot be said what the stream begins with.
   *
   * @throws {Error} where there is no prelude, though one is promised
   */
  read(bytes: Uint8Array): Opening | null {
    const limit = Math.min(bytes.length, LONGEST_PRELUDE - this.#length);
    for (let at = 0; at < limit; at += 1) {
      if (!this.#take(bytes[at] as number)) return this.#bodyWith(bytes);
      if (this.#nuls === NULS) return this.#split(bytes, at + 1);
    }
    if (limit < bytes.length || !this.#mayStart(bytes)) return this.#bodyWith(bytes);
    if (bytes.length > 0) {
      // A copy: the writer may use its memory again.
      this.#held.push(Buffer.from(bytes));
      this.#length += bytes.length;
    }
    return null;
  }

  /** What there is when the stream ends. */
  end(): Opening {
    if (this.#isPromised) throw new Error('the stream ended before its prelude did');
    return this.#bodyWith(new Uint8Array(0));
  }

  /** Takes a byte. Returns whether this may still be a prelude. */
  #take(byte: number): boolean {
    if (byte === 0) {
      // JSON has no NUL, so the object ends in front of the first.
      this.#nuls += 1;
      return this.#isPromised || this.#object.hasEnded;
    }
    if (this.#isPromised) {
      this.#nuls = 0;
      return true;
    }
    return this.#nuls === 0 && this.#object.take(byte);
  }

  /** Whether a prelude may start like what was held back and these bytes. */
  #mayStart(bytes: Uint8Array): boolean {
    if (this.#isPromised || this.#hasStart) return true;
    const given = Buffer.concat([...this.#held, bytes.subarray(0, LONGEST_START)]);
    const text = given.toString('latin1', 0, LONGEST_START);
    const start = START.exec(text);
    if (start === null) return text.length < LONGEST_START && STARTED.test(text);
    const [, name] = start;
    this.#hasStart = name === undefined || MEMBERS.has(name);
    return this.#hasStart;
  }

  /** The prelude, and the body, which begins at this place of the bytes. */
  #split(bytes: Uint8Array, at: number): Opening {
    const given = Buffer.concat([...this.#held, bytes.subarray(0, at)]);
    const prelude = parse(given.toString('utf8', 0, given.length - NULS));
    if (isObject(prelude) && this.#mayStart(bytes)) return { prelude, body: bytes.subarray(at) };
    if (!this.#isPromised) return this.#bodyWith(bytes);
    throw new TypeError('the prelude of the stream is no JSON object');
  }

  #bodyWith(bytes: Uint8Array): Opening {
    if (this.#isPromised) {
      throw new Error('the stream has no prelude: JSON and eight NULs are what its type promises');
    }
    return {
      prelude: null,
      body: this.#length === 0 ? bytes : Buffer.concat([...this.#held, bytes]),
    };
  }
}

/** Follows a JSON object as far as to see where it ends. */
class ObjectReader {
  #depth = 0;
  #hasBegun = false;
  #isInString = false;
  #isEscaped = false;

  /** Whether the last byte that was taken ended the object. */
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
