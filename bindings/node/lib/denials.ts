import type { Explanation } from './explanation.js';
import { quietly } from './logger.js';
import type { Policy } from './policy.js';
import type { CorsRequest } from './request.js';
import type { Verdict } from './verdict.js';

/** How many different denials of one policy are logged. */
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

/** The denials of one policy that were logged: origins by verdicts. */
interface Logged {
  readonly origins: Map<Verdict, Set<string>>;
  count: number;
}

/**
 * Logs each denial once for each verdict and origin, up to a bound: who sends requests decides
 * neither how much is logged nor how much is remembered.
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
    const origins = logged.origins.get(verdict);
    if (origins?.has(key) || logged.count > MAX_DENIALS) return;
    const { path, origin, host } = request;
    if (verdict.reason === 'origin_not_allowed' && policy.checkOrigin({ path, origin, host })) {
      return;
    }
    logged.count += 1;
    if (logged.count > MAX_DENIALS) {
      quietly(() => {
        this.#warn(
          `onecors: ${MAX_DENIALS} different denials are logged, ` +
            'and no more will be until the policy is replaced',
        );
      });
      return;
    }
    if (origins === undefined) logged.origins.set(verdict, new Set([copy(key)]));
    else origins.add(copy(key));
    quietly(() => {
      this.#tell(policy.explain(request));
    });
  }

  #loggedOf(policy: Policy): Logged {
    let logged = this.#logged.get(policy);
    if (logged === undefined) {
      logged = { origins: new Map(), count: 0 };
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

/** A part of a string keeps all of it in memory; this does not. */
function copy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
