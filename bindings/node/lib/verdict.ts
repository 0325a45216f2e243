import type { Plan } from './plan.js';

/** The outcomes by their numbers in a verdict. */
export const OUTCOMES = [
  'ungoverned',
  'not_cors',
  'actual_allowed',
  'actual_denied',
  'preflight_allowed',
  'preflight_denied',
] as const;

/** The reasons by their numbers in a verdict; 0 stands for none. */
export const REASONS = [
  null,
  'malformed_origin',
  'origin_not_allowed',
  'malformed_request_method',
  'method_not_allowed',
  'too_many_headers',
  'malformed_request_headers',
  'header_not_allowed',
] as const;

/**
 * What kind of answer a request gets.
 *
 * - `ungoverned`: no rule governs the path; leave the response alone.
 * - `not_cors`: the request has no `Origin`.
 * - `actual_allowed`, `actual_denied`: the application answers; a page may or may not read it.
 * - `preflight_allowed`, `preflight_denied`: answer with the plan's status and without a body.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** Why a request was refused, in the order of the checks. */
export type Reason = Exclude<(typeof REASONS)[number], null>;

/**
 * A decision. Frozen, and the same object for every request that is answered alike, so that a
 * decision costs no allocation.
 */
export interface Verdict {
  readonly outcome: Outcome;
  /** `null` unless the request was refused. */
  readonly reason: Reason | null;
  /** What to do to the response. */
  readonly plan: Plan;
}

/**
 * The verdict that the engine packed into an integer: outcome in the low byte, reason in the next,
 * the plan's number in the upper half.
 *
 * Whatever is no verdict throws, so that it cannot pass for an allowing one.
 */
export function unpack(bits: number, plans: readonly Plan[]): Verdict {
  const outcome = OUTCOMES[bits & 0xff];
  const reason = REASONS[(bits >>> 8) & 0xff];
  const plan = plans[bits >>> 16];
  if (outcome === undefined || reason === undefined || plan === undefined) {
    throw new Error(`the native library of onecors gave ${bits}, which is no verdict`);
  }
  return Object.freeze({ outcome, reason, plan });
}
