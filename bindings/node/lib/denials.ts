import type { Explanation } from './explanation.js';
import { quietly } from './logger.js';
import type { Policy } from './policy.js';
import type { CorsRequest } from './request.js';
import type { Verdict } from './verdict.js';

/** How many unknown origins are logged per policy, and how many others are remembered. */
const MAX_DENIALS = 1000;

/** How much of an origin is compared: a client chooses its length. */
const MAX_ORIGIN = 512;

/**
 * The fields for a structured logger. Values from the request are escaped and shortened. The name of
 * the rule and the pattern are exactly those of the document; the logger escapes them as its format
 * requires.
 */
export interface DenialFields {
  readonly reason: string | null;
  readonly rule: string | null;
  readonly origin: string | null;
  readonly nearest_miss: Explanation['nearest_miss'];
}

/** Logs a line at the level of warnings. */
export type Warn = (text: string, fields?: DenialFields) => void;

/** A request, with the value of `Host`. */
export interface DeniedRequest extends CorsRequest {
  readonly host: string | undefined;
}

/** The denials of one policy that were handled before. */
interface History {
  /** The origins, by verdict. */
  readonly origins: Map<Verdict, Set<string>>;
  /** The numbers of `nearestPattern`, by verdict. */
  readonly near: Map<Verdict, Set<number>>;
  /** How many origins there are. */
  count: number;
  /** How many of them are unknown: no pattern is close. */
  unknown: number;
}

/**
 * Logs the denials of policies, each once.
 *
 * If a pattern covers the origin, or almost covers it, the denial is logged once per verdict, pattern and
 * difference. The document bounds their number, so no client can use them up. Any other origin is unknown,
 * and is logged once per verdict and origin, up to 1,000 in total.
 */
export class DenialLog {
  readonly #warn: Warn;
  readonly #histories = new WeakMap<Policy, History>();

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /**
   * Logs the denial of a request, unless it was logged before.
   *
   * @param request with its `Host`: requests from the server's own origin are not logged
   */
  log(policy: Policy, verdict: Verdict, request: DeniedRequest): void {
    const history = this.#historyOf(policy);
    const key = request.origin?.slice(0, MAX_ORIGIN) ?? '';
    if (history.origins.get(verdict)?.has(key)) return;
    const { path, origin, host } = request;
    const near = policy.nearestPattern(origin, path);
    if (near === 0 && history.unknown === MAX_DENIALS) return;
    if (verdict.reason === 'origin_not_allowed' && policy.checkOrigin({ path, origin, host })) {
      return;
    }
    if (!remember(history, verdict, key, near)) return;
    quietly(() => {
      this.#write(policy.explain(request));
    });
    if (near === 0 && history.unknown === MAX_DENIALS) {
      quietly(() => {
        this.#warn(
          `onecors: ${MAX_DENIALS} denials of unknown origins were logged, ` +
            'and no more are until the policy is replaced; near misses are',
        );
      });
    }
  }

  #historyOf(policy: Policy): History {
    let history = this.#histories.get(policy);
    if (history === undefined) {
      history = { origins: new Map(), near: new Map(), count: 0, unknown: 0 };
      this.#histories.set(policy, history);
    }
    return history;
  }

  #write({ summary, reason, rule, checks, nearest_miss }: Explanation): void {
    this.#warn(`onecors: ${summary}`, {
      reason,
      rule: rule && (rule.name ?? rule.pointer),
      origin: checks.find(({ check }) => check === 'origin')?.received ?? null,
      nearest_miss,
    });
  }
}

/** Remembers a denial, and returns whether to log it. */
function remember(history: History, verdict: Verdict, key: string, near: number): boolean {
  if (near === 0) history.unknown += 1;
  if (near === 0 || history.count < 2 * MAX_DENIALS) {
    history.count += 1;
    add(history.origins, verdict, copy(key));
  }
  return near === 0 || add(history.near, verdict, near);
}

/** Adds a value to the set of a verdict, and returns whether it is new. */
function add<T>(sets: Map<Verdict, Set<T>>, verdict: Verdict, value: T): boolean {
  const set = sets.get(verdict);
  if (set?.has(value)) return false;
  if (set === undefined) sets.set(verdict, new Set([value]));
  else set.add(value);
  return true;
}

/** A slice keeps the whole string in memory; a copy does not. */
function copy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
