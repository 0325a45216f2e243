import type { Explanation } from './explanation.js';
import { quietly } from './logger.js';
import type { Policy } from './policy.js';
import type { CorsRequest } from './request.js';
import type { Verdict } from './verdict.js';

/** How many strangers are logged of one policy, and how many other origins are remembered. */
const MAX_DENIALS = 1000;

/** How much of an origin tells denials apart. */
const MAX_ORIGIN = 512;

/**
 * What a logger with structured fields gets beside the text. What came with the request is escaped and
 * cut in it; the name of the rule and the pattern are exactly those of the document, for the logger to
 * escape as its format does.
 */
export interface DenialFields {
  readonly reason: string | null;
  readonly rule: string | null;
  readonly origin: string | null;
  readonly nearest_miss: Explanation['nearest_miss'];
}

/** Writes a line at warning. */
export type Warn = (text: string, fields?: DenialFields) => void;

/** A request, with the value of `Host`. */
export interface DeniedRequest extends CorsRequest {
  readonly host: string | undefined;
}

/** What was logged of one policy. */
interface Logged {
  /** The denials that need no second look: origins by verdicts. */
  readonly origins: Map<Verdict, Set<string>>;
  /** The patterns, and differences, that denials came near, by verdicts. */
  readonly near: Map<Verdict, Set<number>>;
  count: number;
  strangers: number;
}

/**
 * Logs the denials of policies, each once.
 *
 * A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict, pattern and
 * difference: the document bounds their number, so that nobody can use them up. Any other is a stranger's.
 * It is logged once for each verdict and origin, up to 1,000 of them.
 */
export class DenialLog {
  readonly #warn: Warn;
  readonly #logged = new WeakMap<Policy, Logged>();

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /**
   * Logs the denial of a request, unless it was logged before.
   *
   * @param request with its `Host`: a server's own pages send `Origin` too, and are not denied
   * anything
   */
  log(policy: Policy, verdict: Verdict, request: DeniedRequest): void {
    const logged = this.#loggedOf(policy);
    const key = request.origin?.slice(0, MAX_ORIGIN) ?? '';
    if (logged.origins.get(verdict)?.has(key)) return;
    const { path, origin, host } = request;
    const near = policy.nearestPattern(origin, path);
    if (near === 0 && logged.strangers === MAX_DENIALS) return;
    if (verdict.reason === 'origin_not_allowed' && policy.checkOrigin({ path, origin, host })) {
      return;
    }
    if (!remember(logged, verdict, key, near)) return;
    quietly(() => {
      this.#tell(policy.explain(request));
    });
    if (near === 0 && logged.strangers === MAX_DENIALS) {
      quietly(() => {
        this.#warn(
          `onecors: ${MAX_DENIALS} denials of unknown origins were logged, ` +
            'and no more are until the policy is replaced; near misses are',
        );
      });
    }
  }

  #loggedOf(policy: Policy): Logged {
    let logged = this.#logged.get(policy);
    if (logged === undefined) {
      logged = { origins: new Map(), near: new Map(), count: 0, strangers: 0 };
      this.#logged.set(policy, logged);
    }
    return logged;
  }

  #tell({ summary, reason, rule, checks, nearest_miss }: Explanation): void {
    this.#warn(`onecors: ${summary}`, {
      reason,
      rule: rule && (rule.name ?? rule.pointer),
      origin: checks.find(({ check }) => check === 'origin')?.received ?? null,
      nearest_miss,
    });
  }
}

/** Remembers a denial; whether it is to be logged. */
function remember(logged: Logged, verdict: Verdict, key: string, near: number): boolean {
  if (near === 0) logged.strangers += 1;
  if (near === 0 || logged.count < 2 * MAX_DENIALS) {
    logged.count += 1;
    add(logged.origins, verdict, copy(key));
  }
  return near === 0 || add(logged.near, verdict, near);
}

/** Adds a value to the set of a verdict; whether it was not there. */
function add<T>(sets: Map<Verdict, Set<T>>, verdict: Verdict, value: T): boolean {
  const set = sets.get(verdict);
  if (set?.has(value)) return false;
  if (set === undefined) sets.set(verdict, new Set([value]));
  else set.add(value);
  return true;
}

/** A part of a string keeps all of it in memory; this does not. */
function copy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
