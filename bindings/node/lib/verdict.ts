import type { Plan } from './plan.js';

/** The outcomes, by their numbers in a verdict. */
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
 * The kind of response that a request gets.
 *
 * - `ungoverned`: no rule governs the path; leave the response unchanged.
 * - `not_cors`: the request has no `Origin`.
 * - `actual_allowed`, `actual_denied`: the application responds; the page may or may not read it.
 * - `preflight_allowed`, `preflight_denied`: respond with the plan's status, without a body.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** Why a request was refused, in the order of the checks. */
export type Reason = Exclude<(typeof REASONS)[number], null>;

/** The result of a decision. Frozen; equal verdicts are the same object, so a decision allocates nothing. */
export interface Verdict {
  /** The kind of response that the request gets. */
  readonly outcome: Outcome;
  /** Why the request was refused; `null` if it was not. */
  readonly reason: Reason | null;
  /** The status and the header lines of the response. */
  readonly plan: Plan;
}

/**
 * Unpacks a verdict from the engine's integer: the outcome in the low byte, the reason in the next, the plan's
 * number in the upper half.
 *
 * @throws Error for any other number, so that it cannot pass for an allowing verdict
 */
export function unpack(bits: number, plans: readonly Plan[]): Verdict {
  const outcome = OUTCOMES[bits & 0xff];
  const reason = REASONS[(bits >>> 8) & 0xff];
  const plan = plans[bits >>> 16];
  if (outcome === undefined || reason === undefined || plan === undefined) {
    throw new Error(`the native library of onecors returned ${bits}, which is not a verdict`);
  }
  return Object.freeze({ outcome, reason, plan });
}
