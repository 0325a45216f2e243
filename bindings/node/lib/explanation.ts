import type { Outcome, Reason } from './verdict.js';

/**
 * The story of a decision, for people and logs. It is the engine's own object, the same in every
 * language, so its keys are in snake_case. What came with the request is escaped in it, and
 * cut but for the headers that go out: control characters cannot forge a line of a log. What is of the
 * document is exact in the fields that hold nothing else, and escaped in all texts.
 */
export interface Explanation {
  /** The decision in one line, for a log. */
  readonly summary: string;
  readonly outcome: Outcome;
  readonly reason: Reason | null;
  /** The rule that governs the path. */
  readonly rule: ExplainedRule | null;
  /** The origin pattern that covers the origin. */
  readonly origin_pattern: ExplainedPattern | null;
  /** What was checked, in order, up to the check that failed. */
  readonly checks: readonly Check[];
  /** The origin pattern that nearly covers the origin. */
  readonly nearest_miss: NearestMiss | null;
  /** The status of the answer to a preflight. */
  readonly status: number | null;
  /** The header lines that go out. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The sentence that a browser's console shows, when the page does not get the answer. */
  readonly browser_message: string | null;
  /** What to change, and where. */
  readonly advice: string | null;
}

/** The rule that governs a path. */
export interface ExplainedRule {
  /** Exactly as in the document. */
  readonly name: string | null;
  /** Where it stands, as a JSON pointer; empty when the document is the rule. */
  readonly pointer: string;
  /** The path pattern that the path matched, exactly as in the document. */
  readonly path_pattern: string | null;
}

/** An origin pattern of the document. */
export interface ExplainedPattern {
  /** The pattern, or the regex, exactly as in the document. */
  readonly pattern: string;
  /** Where it stands, as a JSON pointer. */
  readonly pointer: string;
}

/** One check of a decision. */
export interface Check {
  /** What was checked: `path`, `origin`, `method` or `headers`. */
  readonly check: string;
  readonly passed: boolean;
  /** What would pass. */
  readonly expected: string;
  /** What came, escaped and cut; `null` when it was absent. */
  readonly received: string | null;
}

/** The origin pattern that nearly covers an origin. */
export interface NearestMiss {
  /** The pattern, or the regex, exactly as in the document. */
  readonly pattern: string;
  /** Where it stands, as a JSON pointer. */
  readonly pointer: string;
  /** What keeps it from covering the origin, such as `differs only in the port`. */
  readonly difference: string;
  /** The stable code of the difference, such as `port`. */
  readonly difference_code: string;
  /** The origin that the pattern covers. */
  readonly covered_origin: string;
}
