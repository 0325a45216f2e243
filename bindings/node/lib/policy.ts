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

/** One byte more than a document may have: enough for the engine to refuse it. */
export const READ_LIMIT = native.maxDocumentBytes + 1;

/** Shown in the errors of structuredClone and postMessage. */
const NOT_CLONEABLE = Symbol('a Policy cannot be cloned or posted: load it again in each thread');

/**
 * A compiled policy document. Immutable: all requests of a thread share it. To replace the policy of a
 * running service, use a `LivePolicy`.
 *
 * A policy belongs to its thread: each worker loads its own.
 */
export class Policy {
  /** Makes structured cloning fail. Otherwise it would deliver an empty object. */
  protected readonly notCloneable = NOT_CLONEABLE;

  readonly #decide: Compiled['decide'];
  readonly #explain: Compiled['explain'];
  readonly #checkOrigin: Compiled['checkOrigin'];
  readonly #nearestPattern: Compiled['nearestPattern'];
  readonly #plans: readonly Plan[];
  readonly #notCors: Verdict | null;
  /** By their integers. Bounded by the policy: every plan with every reason. */
  readonly #verdicts = new Map<number, Verdict>();

  /**
   * Compiles a policy from options: the document's keys in camelCase.
   *
   * @throws PolicyError with every problem; pointers use the document's keys
   * @throws TypeError for a value that JSON cannot represent, such as a RegExp
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
   * @throws PolicyError with every problem
   * @throws TypeError for anything but a string or bytes
   */
  static fromJson(document: string | Uint8Array): Policy {
    if (typeof document === 'string') {
      return new Policy(new Source(encode(document.slice(0, READ_LIMIT))));
    }
    if (types.isUint8Array(document)) {
      // A copy, because another thread may modify shared memory meanwhile.
      return new Policy(new Source(Buffer.from(document.subarray(0, READ_LIMIT))));
    }
    throw new TypeError(
      'Policy.fromJson takes a string or a Uint8Array: for an object, use new Policy(options)',
    );
  }

  /**
   * Compiles a policy document from a file. Synchronous: meant for the start of a service.
   *
   * @throws PolicyError with every problem, after the path
   * @throws the error of `node:fs` if the file cannot be read
   */
  static fromFile(path: string | URL): Policy {
    const name = typeof path === 'string' ? path : fileURLToPath(path);
    return Policy.fromBytes(readUpTo(READ_LIMIT, name), name);
  }

  /**
   * Compiles the contents of a file.
   *
   * @internal
   */
  static fromBytes(contents: Uint8Array, path: string): Policy {
    return new Policy(new Source(contents, path));
  }

  /** The plans of all responses that this policy can produce. */
  get plans(): readonly Plan[] {
    return this.#plans;
  }

  /**
   * Decides on a request. Equal verdicts are the same frozen object. No string throws: what is not
   * allowed is denied, with a reason.
   *
   * @throws TypeError for a value that is not a string, `undefined` or `null`
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

  /** As {@link decide}, with the values as arguments, which saves creating an object. */
  decideParts(
    method?: string | null,
    path?: string | null,
    origin?: string | null,
    accessControlRequestMethod?: string | null,
    accessControlRequestHeaders?: string | null,
  ): Verdict {
    const decide = this.#decide;
    // An omitted argument costs nothing; `undefined` costs as much as a string.
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
   * The verdict on every request without an `Origin` if this policy is a single rule for every path; else
   * `null`, because it depends on the path.
   *
   * @internal
   */
  get notCors(): Verdict | null {
    return this.#notCors;
  }

  /**
   * Decides on a request other than `OPTIONS`, which cannot be a preflight.
   *
   * @param path required if {@link notCors} is `null`
   * @internal
   */
  decideActual(origin: string | undefined, path?: string): Verdict {
    const decide = this.#decide;
    return this.#verdict(path === undefined ? decide(origin) : decide(origin, path));
  }

  /**
   * Explains the decision on a request: the rule and the pattern, every check, the nearest miss, and what
   * to change. Costs far more than a decision: meant for logs and support.
   *
   * @throws TypeError as {@link decide}
   */
  explain(request: CorsRequest): Explanation {
    const explanation = this.#explain(
      request.origin,
      request.path,
      request.method,
      request.accessControlRequestMethod,
      request.accessControlRequestHeaders,
    );
    return JSON.parse(explanation) as Explanation;
  }

  /**
   * Returns whether to accept a request that browsers do not check, such as a WebSocket handshake: a page
   * of any origin can make one, with its user's cookies (RFC 6455, section 10.2).
   *
   * True without `Origin`, on a path that no rule governs, for an origin that the rule allows, and for the
   * server's own origin: http or https with the host and port in `Host`. False if the engine fails.
   *
   * @throws TypeError as {@link decide}
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
   * Returns a number for the pattern that covers an origin or almost does, and for the difference; 0 if no
   * pattern is close.
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

/** Encodes as UTF-8. A lone surrogate becomes an escape, so that the engine reports it with its place. */
function encode(text: string): Buffer {
  return Buffer.from(
    text.replace(/\p{Surrogate}/gu, (lone) => `\\u${lone.charCodeAt(0).toString(16)}`),
  );
}

/** The bytes of a document, and the path of its file. */
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
