// The ESM entry passes on the CommonJS one, so that a process that uses both has one Policy and one
// PolicyError.

export type * from './index.js';
export { LivePolicy, Policy, PolicyError, version } from './index.js';
