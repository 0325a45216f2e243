// The policy of all languages, the requests, and the policy in the words of the peers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.DOCUMENTS ?? '.cache/documents';

export const scenarios = JSON.parse(
  readFileSync(new URL('../scenarios.json', import.meta.url), 'utf8'),
);

/** The policy document of a set, as bytes. */
export const documentOf = (set) => readFileSync(join(FOLDER, `${set}.json`));

/** Which origins to send: `hits` and `misses`. */
export const originsOf = (set) =>
  JSON.parse(readFileSync(join(FOLDER, `${set}.requests.json`), 'utf8'));

/** The hostile values, by their names. */
export const hostile = () => JSON.parse(readFileSync(join(FOLDER, 'hostile.json'), 'utf8'));

/** GET, HEAD and POST need no mention in our document; in theirs they do. */
const METHODS = ['GET', 'HEAD', 'POST', ...scenarios.policy.allow_methods];

/**
 * The origins of a document as peers take them: strings, and regular expressions in the place of our
 * wildcards and regexes.
 */
export function peerOrigins(document) {
  return JSON.parse(document).allow_origins.map((entry) => {
    if (typeof entry === 'object') return new RegExp(`^(?:${entry.regex})$`);
    if (!entry.includes('*')) return entry;
    const [before, after] = entry.split('*').map((part) => part.replaceAll('.', '\\.'));
    return new RegExp(`^${before}[a-z0-9.-]+${after}$`);
  });
}

/** The policy as the options of `cors`, and but for some names of the others. */
export function peerOptions(document) {
  const { policy } = scenarios;
  return {
    origin: peerOrigins(document),
    credentials: policy.allow_credentials,
    methods: METHODS,
    allowedHeaders: policy.allow_headers,
    exposedHeaders: policy.expose_headers,
    maxAge: policy.max_age,
  };
}
