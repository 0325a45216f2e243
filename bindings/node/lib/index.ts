/**
 * CORS from one policy document, with the same engine in every language. Load a {@link Policy}, or watch
 * its file with {@link LivePolicy}, and pass it to the adapter of your framework.
 *
 * @packageDocumentation
 */
export { PolicyError, type Problem } from './error.js';
export type {
  Check,
  ExplainedPattern,
  ExplainedRule,
  Explanation,
  NearestMiss,
} from './explanation.js';
export { LivePolicy, type PolicySource, type WatchOptions } from './live.js';
export type { Logger } from './logger.js';
export type {
  OptOut,
  OriginPattern,
  PathRuleOptions,
  PolicyOptions,
  RuleOptions,
} from './options.js';
export type { Header, Plan, Slot } from './plan.js';
export { Policy, version } from './policy.js';
export type { CorsRequest, Handshake } from './request.js';
export type { Outcome, Reason, Verdict } from './verdict.js';
