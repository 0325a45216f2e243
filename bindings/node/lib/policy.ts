import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { PolicyError, type Problem } from './error.js';
import type { Explanation } from './explanation.js';
import { readUpTo } from './file.js';
import { type Compiled, native, type Parts } from './native.js';
import { type PolicyOptions, toDocument } from './options.js';
import { Plan, type PlanJson } from './plan.js';
import type { CorsRequest, Handshake } from './request.js';
import { unpack, type Verdict } from './verdict.js';

/** The version of the package and of its engine. */
export const version: string = native.version;

/** One byte more than a document may have: enough for the engine to see that it is too large. */
export const READ_LIMIT = native.maxDocumentBytes + 1;

/** What the error of structuredClone and postMessage shows. */
const NOT_CLONEABLE = Symbol('a Policy cannot be cloned or posted: load it again in each thread');

/**
 * A compiled policy document: immutable, and safe to share between all requests of a thread. To
 * replace the policy of a running service, hold it in a {@link LivePolicy}.
 *
 * A policy belongs to its thread: each worker loads its own.
 */
export class Policy {
  /** Without it, structured cloning would deliver an empty object that decides nothing. */
  protected readonly notCloneable = NOT_CLONEABLE;

  readonly #decide: Compiled['decide'];
  readonly #explain: Compiled['explain'];
  readonly #checkOrigin: Compiled['checkOrigin'];
  readonly #nearestPattern: Compiled['nearestPattern'];
  readonly #plans: readonly Plan[];
  readonly #notCors: Verdict | null;
  /** By their integers. Bounded by the policy: each of its plans with each reason. */
  readonly #verdicts = new Map<number, Verdict>();

  /**
   * Compiles a policy from options: the document's keys in camelCase.
   *
   * @throws {PolicyError} every problem at once; pointers use the document's keys
   * @throws {TypeError} for a value that JSON has no form for, such as a RegExp
   */
  constructor(options: PolicyOptions);
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- left out of the public types
  constructor(source: Source);
  constructor(from: PolicyOptions | Source) {
    const source = from instanceof Source ? from : new Source(encode(toDocument(from)));
    const { decide, explain, checkOrigin, nearestPattern, plans, notCors } = source.compile();
    this.#decide = decide;
    this.#explain = explain;
    this.#checkOrigin = checkOrigin;
    this.#nearestPattern = nearestPattern;
    this.#plans = Object.freeze((JSON.parse(plans) as PlanJson[]).map((plan) => new Plan(plan)));
    this.#notCors = notCors === undefined ? null : this.#verdict(notCors);
  }

  /**
   * Compiles a policy document.
   *
   * @param document JSON, as text or as UTF-8 bytes
   * @throws {PolicyError} every problem at once
   */
  static fromJson(document: string | Uint8Array): Policy {
    if (typeof document === 'string') {
      return new Policy(new Source(encode(document.slice(0, READ_LIMIT))));
    }
    if (types.isUint8Array(document)) {
      // A copy, because another thread may write to shared memory while it is read.
      return new Policy(new Source(Buffer.from(document.subarray(0, READ_LIMIT))));
    }
    throw new TypeError(
      'Policy.fromJson takes a string or a Uint8Array; for an object use new Policy(options)',
    );
  }

  /**
   * Compiles a policy document from a file, synchronously, as is usual when a service starts.
   *
   * @throws {PolicyError} every problem at once, with the path in front
   * @throws the error of `node:fs` when the file cannot be read
   */
  static fromFile(path: string | URL): Policy {
    const name = typeof path === 'string' ? path : fileURLToPath(path);
    return Policy.fromBytes(readUpTo(READ_LIMIT, name), name);
  }

  /**
   * Compiles the contents of a file, which have been read.
   *
   * @internal
   */
  static fromBytes(contents: Uint8Array, path: string): Policy {
    return new Policy(new Source(contents, path));
  }

  /** Every answer that this policy can give. */
  get plans(): readonly Plan[] {
    return this.#plans;
  }

  /**
   * Decides on a request. Equal answers are the same frozen object.
   *
   * @throws {TypeError} for a part that is neither a string, nor undefined, nor null
   */
  decide(request: CorsRequest): Verdict {
    return this.decideParts(
      request.method,
      request.path,
      request.origin,
      request.accessControlRequestMethod,
      request.accessControlRequestHeaders,
    );
  }

  /** As {@link decide}, with the parts of the request as arguments: for adapters, on every request. */
  decideParts(
    method?: Part,
    path?: Part,
    origin?: Part,
    accessControlRequestMethod?: Part,
    accessControlRequestHeaders?: Part,
  ): Verdict {
    const decide = this.#decide;
    // An argument that is not given costs nothing; `undefined` costs as much as a string.
    if (accessControlRequestHeaders !== undefined) {
      return this.#verdict(
        decide(origin, path, method, accessControlRequestMethod, accessControlRequestHeaders),
      );
    }
    if (accessControlRequestMethod !== undefined) {
      return this.#verdict(decide(origin, path, method, accessControlRequestMethod));
    }
    return this.#verdict(decide(origin, path, method));
  }

  /**
   * The verdict on every request without an `Origin`, when this policy is one rule for every path;
   * else `null`, as the path has to be looked at.
   *
   * @internal
   */
  get notCors(): Verdict | null {
    return this.#notCors;
  }

  /**
   * Decides on a request that is not `OPTIONS`, and so no preflight: nothing else in it counts.
   *
   * @param path needed unless there is a verdict {@link notCors}
   * @internal
   */
  decideActual(origin: string | undefined, path?: string): Verdict {
    const decide = this.#decide;
    return this.#verdict(path === undefined ? decide(origin) : decide(origin, path));
  }

  /**
   * Decides on a request and tells the story: which rule and pattern decided, each check, the nearest
   * miss, and what to change. It is made to be logged, and costs far more than a decision.
   *
   * @throws {TypeError} as {@link decide}
   */
  explain(request: CorsRequest): Explanation {
    const story = this.#explain(
      request.origin,
      request.path,
      request.method,
      request.accessControlRequestMethod,
      request.accessControlRequestHeaders,
    );
    return JSON.parse(story) as Explanation;
  }

  /**
   * Whether a request that no browser checks may go on: a WebSocket handshake above all, which a page
   * of any origin can make with its user's cookies (RFC 6455, section 10.2).
   *
   * It may without `Origin`, on a path that no rule governs, from an origin that the rule allows, and
   * from the server's own: an http or https origin with the host and port that are in `Host`. When the
   * engine fails, it may not.
   *
   * @throws {TypeError} as {@link decide}
   */
  checkOrigin(handshake: Handshake): boolean {
    try {
      return this.#checkOrigin(handshake.path, handshake.origin, handshake.host);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return false;
    }
  }

  /**
   * A number for the pattern that covers an origin, or nearly does, and for the difference; 0 where none
   * comes near.
   *
   * @internal
   */
  nearestPattern(origin: Parts[0], path: Parts[1]): number {
    return this.#nearestPattern(origin, path);
  }

  #verdict(bits: number): Verdict {
    return this.#verdicts.get(bits) ?? this.#remember(bits);
  }

  #remember(bits: number): Verdict {
    const verdict = unpack(bits, this.#plans);
    this.#verdicts.set(bits, verdict);
    return verdict;
  }
}

type Part = string | null | undefined;

/** UTF-8, which has no lone surrogates: as an escape the engine sees one, and names its place. */
function encode(text: string): Buffer {
  return Buffer.from(
    text.replace(/\p{Surrogate}/gu, (lone) => `\\u${lone.charCodeAt(0).toString(16)}`),
  );
}

/** The bytes of a document, and the path of the file that they are from. */
class Source {
  constructor(
    readonly bytes: Uint8Array,
    readonly path: string | null = null,
  ) {}

  compile(): Compiled {
    const result = native.compile(this.bytes);
    if ('problems' in result) {
      const problems = JSON.parse(result.problems) as Problem[];
      throw new PolicyError(result.message, problems, this.path);
    }
    return result;
  }
}
