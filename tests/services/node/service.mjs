// What the services share: the policy, and with it the rest of the contract.

import { LivePolicy, PolicyError } from 'onecors';

export * from './contract.mjs';

/** The policy in force, from the file of the environment. */
export const policy = LivePolicy.watch(process.env.POLICY ?? '../policy.json');

/** Puts a document in force: the status of the answer, and its text. */
export function replace(document) {
  try {
    policy.replace(document);
    return [204, ''];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [422, error.message];
  }
}
