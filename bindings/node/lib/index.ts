/**
 * One CORS policy, one engine, every service: the Node.js binding.
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
export type {
  OptOut,
  OriginPattern,
  PathRuleOptions,
  PolicyOptions,
  RuleOptions,
} from './options.js';
export type { Header, Plan, Slot } from './plan.js';
export { Policy, version } from './policy.js';
export type { CorsRequest } from './request.js';
export type { Outcome, Reason, Verdict } from './verdict.js';
