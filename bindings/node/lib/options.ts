import { types } from 'node:util';
import { native } from './native.js';

/** One entry of `allowOrigins`: a pattern such as `https://*.example.com`, or a regex. */
export type OriginPattern = string | { readonly regex: string };

/** An opt-out from a safety check. */
export type OptOut =
  'insecure_origins' | 'public_suffix_wildcards' | 'null_origin' | 'unbounded_regex';

/** One rule: what it allows. Options that are absent or `undefined` have their defaults. */
export interface RuleOptions {
  /** The origins whose pages may read the answers. */
  readonly allowOrigins: readonly OriginPattern[];
  /** Whether a page may send cookies and read the answer; `false` by default. */
  readonly allowCredentials?: boolean | undefined;
  /** Methods beyond GET, HEAD and POST; `"*"` for any. */
  readonly allowMethods?: readonly string[] | undefined;
  /** Request-header names; `"*"` for any but `authorization`, which must be named. */
  readonly allowHeaders?: readonly string[] | undefined;
  /** Response-header names that a page may read; `"*"` only without credentials. */
  readonly exposeHeaders?: readonly string[] | undefined;
  /** Seconds that a browser may keep a preflight's answer: 0 to 86400, 7200 by default. */
  readonly maxAge?: number | undefined;
  /** The status of an allowed preflight: 200 to 299, 204 by default. */
  readonly preflightStatus?: number | undefined;
  /** Opt-outs from safety checks. */
  readonly dangerouslyAllow?: readonly OptOut[] | undefined;
  /** For people; ignored. */
  readonly description?: string | undefined;
}

/** A rule among several. */
export interface PathRuleOptions extends RuleOptions {
  /** A name, unique in the policy. */
  readonly name?: string | undefined;
  /** The paths that it governs, such as `/catalogue/*`. */
  readonly paths: readonly string[];
}

/** A policy: one rule for every path, or several with their paths. */
export type PolicyOptions =
  | RuleOptions
  | { readonly rules: readonly PathRuleOptions[]; readonly description?: string | undefined };

/**
 * Writes options as the policy document they stand for: the same values, the keys in snake_case.
 *
 * Nothing is judged here, that is for the engine. A key that is given in both spellings is written
 * twice, so that the engine can object.
 *
 * @throws TypeError for a value that has no form in JSON and would be lost on the way
 */
export function toDocument(options: PolicyOptions): string {
  return write(options, '');
}

function write(value: unknown, place: string): string {
  if (Array.isArray(value)) {
    return `[${value.map((entry, index) => write(entry, `${place}[${index}]`)).join()}]`;
  }
  if (types.isRegExp(value)) {
    throw new TypeError(
      `${named(place)} is a RegExp. JavaScript's regular expressions have other rules than the ` +
        `engine's, and take exponential time on some input: write { regex: '...' } in the ` +
        'syntax of the Rust regex crate, which matches the whole origin',
    );
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => {
        const text = write(member, place ? `${place}.${key}` : key);
        return `${JSON.stringify(snakeCase(key))}:${text}`;
      });
    return `{${members.join()}}`;
  }
  if (value === undefined || ['function', 'symbol', 'bigint'].includes(typeof value)) {
    throw new TypeError(
      `${named(place)} is ${value === undefined ? 'undefined' : `a ${typeof value}`}. A policy is ` +
        'data that every language reads alike: strings, numbers, booleans, arrays and objects',
    );
  }
  return JSON.stringify(value);
}

/** What an error calls the value at a place, whose keys may have any character. */
function named(place: string): string {
  return place === '' ? 'the policy' : native.printable(place);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
