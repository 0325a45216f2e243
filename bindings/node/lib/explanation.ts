import type { Outcome, Reason } from './verdict.js';

/**
 * The explanation of a decision, for people and logs. It is the same JSON in every language, so its keys
 * are in snake_case. Values from the request are escaped, so that they cannot forge a line of a log, and
 * shortened except in `headers`. Values from the document are exact in fields of their own, and escaped
 * within sentences.
 */
export interface Explanation {
  /** One escaped line for a log. */
  readonly summary: string;
  /** The kind of response that the request gets. */
  readonly outcome: Outcome;
  /** Why the request was refused; `null` if it was not. */
  readonly reason: Reason | null;
  /** The rule that governs the path. */
  readonly rule: ExplainedRule | null;
  /** The origin pattern that covers the origin. */
  readonly origin_pattern: ExplainedPattern | null;
  /** The checks in order, up to the first that failed. */
  readonly checks: readonly Check[];
  /** The origin pattern that almost covers the origin. */
  readonly nearest_miss: NearestMiss | null;
  /** The status of the response to a preflight. */
  readonly status: number | null;
  /** The header lines of the response. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The message in the browser's console, if the page may not read the response. */
  readonly browser_message: string | null;
  /** What to change, and where. */
  readonly advice: string | null;
}

/** The rule that governs a path. */
export interface ExplainedRule {
  /** Its name, if it has one, exactly as in the document. */
  readonly name: string | null;
  /** Its place in the document, as a JSON pointer; empty if the document is a single rule. */
  readonly pointer: string;
  /** The path pattern that matched, exactly as in the document; `null` if the document is a single rule. */
  readonly path_pattern: string | null;
}

/** An origin pattern of the document. */
export interface ExplainedPattern {
  /** The pattern, or the regex, exactly as in the document. */
  readonly pattern: string;
  /** Its place in the document, as a JSON pointer. */
  readonly pointer: string;
}

/** One check of a decision. */
export interface Check {
  /** What was checked: `path`, `origin`, `method` or `headers`. */
  readonly check: string;
  /** Whether the check passed. */
  readonly passed: boolean;
  /** What the rule accepts. */
  readonly expected: string;
  /** The received value, escaped and shortened; `null` if it was absent. */
  readonly received: string | null;
}

/** The origin pattern that almost covers an origin. */
export interface NearestMiss {
  /** The pattern, or the regex, exactly as in the document. */
  readonly pattern: string;
  /** Its place in the document, as a JSON pointer. */
  readonly pointer: string;
  /** How the origin differs from what the pattern covers, such as `differs only in the port`. */
  readonly difference: string;
  /** The stable code of the difference, such as `port`. */
  readonly difference_code: string;
  /** The closest origin that the pattern covers. */
  readonly covered_origin: string;
}
