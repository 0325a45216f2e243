import { DenialLog, type Warn } from './denials.js';
import { LivePolicy, type PolicySource } from './live.js';
import { type Logger, loggerOf, quietly } from './logger.js';
import { plainPath } from './path.js';
import { Plan } from './plan.js';
import { Policy } from './policy.js';
import type { CorsRequest } from './request.js';
import type { Verdict } from './verdict.js';

/** The options of an adapter. */
export interface AdapterOptions {
  /**
   * Where denials are logged, each once; `console` by default, `false` for nowhere. No response says
   * why a request was denied.
   */
  readonly logger?: Logger | false | undefined;
  /**
   * Whether the routers distinguish paths by case and by a trailing slash, as Express does with
   * `case sensitive routing` and `strict routing`. If not (`false`, the default), the adapter ignores
   * a request whose path these routers may route under another rule. In either case it ignores a path
   * that has another rule once it is decoded, or without its empty segments or dot segments.
   */
  readonly exactRouting?: boolean | undefined;
}

/** A request of a framework. Rarely used values may be getters. */
export interface RoutedRequest extends CorsRequest {
  readonly method: string | undefined;
  readonly path: string;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined;
  readonly accessControlRequestHeaders: string | undefined;
  /** The value of `Host`, or of `:authority` in HTTP/2. */
  readonly host: string | undefined;
}

/** The plans for requests on which the engine failed: they allow nothing. */
const NO_ANSWER = new Plan({ status: null, headers: [], vary: ['Origin'] });
const NO_PREFLIGHT = new Plan({ status: 403, headers: [], vary: ['Origin'] });

/** The values of a request that are the same for every WebSocket handshake. */
const HANDSHAKE = {
  method: 'GET',
  accessControlRequestMethod: undefined,
  accessControlRequestHeaders: undefined,
};

/** The part of the adapters that all frameworks share: it decides on requests, and logs denials. */
export class Adapter {
  /** The policy, or its holder. */
  readonly source: PolicySource;
  readonly #live: LivePolicy | null;
  readonly #fixed: Policy | null;
  readonly #exactRouting: boolean;
  readonly #logger: Logger | null;
  readonly #denials: DenialLog | null;
  readonly #warnings = new Set<string>();

  /** @param warn logs denials with structured fields, instead of `options.logger` */
  constructor(source: PolicySource, options: AdapterOptions = {}, warn?: Warn) {
    if (!isPolicySource(source)) {
      throw new TypeError(
        'policy must be a Policy or a LivePolicy: write cors(Policy.fromFile(path)) or ' +
          'cors(LivePolicy.watch(path))',
      );
    }
    this.source = source;
    this.#live = source instanceof LivePolicy ? source : null;
    this.#fixed = source instanceof Policy ? source : null;
    this.#exactRouting = options.exactRouting ?? false;
    const logger = loggerOf(options.logger);
    this.#logger = logger;
    this.#denials = logger && new DenialLog(warn ?? warnBy(logger));
  }

  /**
   * The plan for every request without an `Origin`, WebSocket handshakes included, if the policy is a
   * single rule for every path; else `null`.
   */
  get planWithoutOrigin(): Plan | null {
    return this.#policy.notCors?.plan ?? null;
  }

  /** Returns the plan for a request, or `null` to leave its response unchanged. Logs a denial. */
  plan(request: RoutedRequest): Plan | null {
    try {
      const policy = this.#policy;
      const { notCors } = policy;
      let verdict: Verdict | null;
      if (notCors === null) verdict = this.#decideByPath(policy, request);
      else if (request.origin === undefined) return notCors.plan;
      else verdict = decide(policy, request, undefined);
      if (verdict === null) return null;
      if (verdict.reason !== null) this.#denials?.log(policy, verdict, request);
      return verdict.plan;
    } catch (error) {
      this.#reportFailure(error);
      return request.method === 'OPTIONS' && request.accessControlRequestMethod !== undefined
        ? NO_PREFLIGHT
        : NO_ANSWER;
    }
  }

  /** Returns whether a request is an allowed preflight. Logs nothing. */
  allowsPreflight(request: RoutedRequest): boolean {
    try {
      const policy = this.#policy;
      const verdict =
        policy.notCors === null
          ? this.#decideByPath(policy, request)
          : decide(policy, request, undefined);
      return verdict?.outcome === 'preflight_allowed';
    } catch {
      return false;
    }
  }

  /** Returns whether to refuse a WebSocket handshake, and logs it if so. */
  refuses(path: string, origin: string | undefined, host: string | undefined): boolean {
    const policy = this.#policy;
    // A handshake on an ungoverned path is accepted, so every reading of the path must allow it.
    for (const form of new Set([path, plainPath(path)])) {
      if (!policy.checkOrigin({ path: form, origin, host })) {
        this.plan({ ...HANDSHAKE, path: form, origin, host });
        return true;
      }
    }
    return false;
  }

  /** Logs an error of the application that its framework does not see. */
  report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    quietly(() => this.#logger?.error(text));
  }

  /** Logs a warning about the placement of this adapter, once. */
  warnOnce(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    quietly(() => this.#logger?.warn(`onecors: ${text}`));
  }

  get #policy(): Policy {
    return this.#live === null ? (this.#fixed as Policy) : this.#live.current;
  }

  /** The verdict of a policy with paths, or `null` if no rule governs the path. */
  #decideByPath(policy: Policy, request: RoutedRequest): Verdict | null {
    const { path } = request;
    const verdict = decide(policy, request, path);
    if (verdict.outcome === 'ungoverned') return null;
    // The engine handles the readings of exact routers itself.
    const plain = this.#exactRouting ? path : plainPath(path);
    if (plain !== path) {
      const other = decide(policy, request, plain);
      // Every plan belongs to a single rule.
      if (other.plan !== verdict.plan && other.outcome !== 'ungoverned') {
        this.#warnOfRouting();
        return null;
      }
    }
    return verdict;
  }

  #warnOfRouting(): void {
    this.warnOnce(
      'a request was ignored, because a router that decodes its path, or ignores case or slashes, ' +
        'would route it under another rule; if your routers are exact, pass { exactRouting: true }',
    );
  }

  #reportFailure(error: unknown): void {
    const { message } = error as Error;
    if (this.#warnings.has(message)) return;
    this.#warnings.add(message);
    quietly(() => this.#logger?.error(`onecors: denying all requests: ${message}`));
  }
}

/** Returns whether a value is a policy or its holder: callers without types may pass anything. */
export function isPolicySource(value: unknown): value is PolicySource {
  return value instanceof Policy || value instanceof LivePolicy;
}

function decide(policy: Policy, request: RoutedRequest, path: string | undefined): Verdict {
  const { method, origin } = request;
  if (method !== 'OPTIONS') return policy.decideActual(origin, path);
  return policy.decideParts(
    method,
    path,
    origin,
    request.accessControlRequestMethod,
    request.accessControlRequestHeaders,
  );
}

function warnBy(logger: Logger): Warn {
  return (text) => {
    logger.warn(text);
  };
}
