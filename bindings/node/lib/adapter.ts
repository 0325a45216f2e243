import { DenialLog, type Warn } from './denials.js';
import { LivePolicy, type PolicySource } from './live.js';
import { type Logger, loggerOf, quietly } from './logger.js';
import { plainPath } from './path.js';
import { Plan } from './plan.js';
import { Policy } from './policy.js';
import type { CorsRequest } from './request.js';
import type { Verdict } from './verdict.js';

/** How an adapter works. */
export interface AdapterOptions {
  /**
   * Where denials are logged, each once; `console` by default, and `false` for nowhere. No answer
   * says why a request was denied.
   */
  readonly logger?: Logger | false | undefined;
  /**
   * Whether the routers tell paths apart by case and by a last slash, as Express does with `case sensitive
   * routing` and `strict routing`. When they do not (`false`, the default), a path that they may take
   * for a path of another rule is left alone. One that has another rule by its encoding, its empty
   * segments or its dot segments is left alone in any case.
   */
  readonly exactRouting?: boolean | undefined;
}

/** A request of a framework. What is rarely looked at may be a getter. */
export interface RoutedRequest extends CorsRequest {
  readonly method: string | undefined;
  readonly path: string;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined;
  readonly accessControlRequestHeaders: string | undefined;
  /** The value of `Host`, or of `:authority` in HTTP/2. */
  readonly host: string | undefined;
}

/** What an engine that fails lets through: nothing. */
const NO_ANSWER = new Plan({ status: null, headers: [], vary: ['Origin'] });
const NO_PREFLIGHT = new Plan({ status: 403, headers: [], vary: ['Origin'] });

/** The parts of a request that a WebSocket handshake has none of. */
const HANDSHAKE = {
  method: 'GET',
  accessControlRequestMethod: undefined,
  accessControlRequestHeaders: undefined,
};

/** What the adapters of all frameworks have in common: what a request gets, and what is logged. */
export class Adapter {
  /** Where the policy is from. */
  readonly source: PolicySource;
  readonly #live: LivePolicy | null;
  readonly #fixed: Policy | null;
  readonly #exactRouting: boolean;
  readonly #logger: Logger | null;
  readonly #denials: DenialLog | null;
  readonly #warnings = new Set<string>();

  /** @param warn where denials go instead of `options.logger`: a logger with structured fields */
  constructor(source: PolicySource, options: AdapterOptions = {}, warn?: Warn) {
    if (!isPolicySource(source)) {
      throw new TypeError(
        'an adapter takes a Policy or a LivePolicy: write cors(Policy.fromFile(path)) or ' +
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
   * The plan for every request without an `Origin`, WebSocket handshakes included, when the policy is one
   * rule for every path; else `null`.
   */
  get planWithoutOrigin(): Plan | null {
    return this.#policy.notCors?.plan ?? null;
  }

  /** The plan for a request, or `null` to leave its response alone. A denial is logged. */
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

  /** Whether a request is a preflight that the policy allows; nothing is logged. */
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

  /** Whether to refuse a WebSocket handshake; if so, it is logged. */
  refuses(path: string, origin: string | undefined, host: string | undefined): boolean {
    const policy = this.#policy;
    // A handshake that no rule governs goes on, so it has to pass by every form of its path.
    for (const form of new Set([path, plainPath(path)])) {
      if (!policy.checkOrigin({ path: form, origin, host })) {
        this.plan({ ...HANDSHAKE, path: form, origin, host });
        return true;
      }
    }
    return false;
  }

  /** Logs an error of the application that its framework has no way to see. */
  report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    quietly(() => this.#logger?.error(text));
  }

  /** Warns once that this adapter stands in the wrong place. */
  warnOnce(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    quietly(() => this.#logger?.warn(`onecors: ${text}`));
  }

  get #policy(): Policy {
    return this.#live === null ? (this.#fixed as Policy) : this.#live.current;
  }

  /** The verdict of a policy with several rules, or `null` for none. */
  #decideByPath(policy: Policy, request: RoutedRequest): Verdict | null {
    const { path } = request;
    const verdict = decide(policy, request, path);
    if (verdict.outcome === 'ungoverned') return null;
    // What strict routers make of a path, the engine knows.
    const plain = this.#exactRouting ? path : plainPath(path);
    if (plain !== path) {
      const other = decide(policy, request, plain);
      // The plan tells the rule.
      if (other.plan !== verdict.plan && other.outcome !== 'ungoverned') {
        this.#warnOfRouting();
        return null;
      }
    }
    return verdict;
  }

  #warnOfRouting(): void {
    this.warnOnce(
      'a path was left alone, because a router that decodes it, or ignores case or slashes, takes it ' +
        'for a path of another rule; where the routers are exact, pass { exactRouting: true }',
    );
  }

  #reportFailure(error: unknown): void {
    const { message } = error as Error;
    if (this.#warnings.has(message)) return;
    this.#warnings.add(message);
    quietly(() => this.#logger?.error(`onecors: no origin is allowed, because ${message}`));
  }
}

/** Whether a value is what an adapter takes: a caller without types may give anything. */
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
