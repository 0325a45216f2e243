import { types } from 'node:util';
import { native } from './native.js';

/**
 * One entry of `allowOrigins`: a pattern such as `https://*.example.com`, or a regular expression in the
 * syntax of Rust's regex crate, matched against the whole origin.
 */
export type OriginPattern =
  | string
  | {
      /** The regular expression, without anchors. */
      readonly regex: string;
    };

/** A safety check to switch off. */
export type OptOut =
  'insecure_origins' | 'public_suffix_wildcards' | 'null_origin' | 'unbounded_regex';

/** What one rule allows. Options that are absent or `undefined` have their defaults. */
export interface RuleOptions {
  /** The origins whose pages may read the responses. */
  readonly allowOrigins: readonly OriginPattern[];
  /** Whether pages may send cookies and read the response; `false` by default. */
  readonly allowCredentials?: boolean | undefined;
  /** Methods beyond GET, HEAD and POST; `"*"` for any. */
  readonly allowMethods?: readonly string[] | undefined;
  /** Request header names; `"*"` for any but `authorization`, which must be listed. */
  readonly allowHeaders?: readonly string[] | undefined;
  /** Response header names that pages may read; `"*"` only without credentials. */
  readonly exposeHeaders?: readonly string[] | undefined;
  /** Seconds that browsers may cache a preflight response: 0 to 86400, 7200 by default. */
  readonly maxAge?: number | undefined;
  /** The status of an allowed preflight: 200 to 299, 204 by default. */
  readonly preflightStatus?: number | undefined;
  /** Safety checks to switch off. */
  readonly dangerouslyAllow?: readonly OptOut[] | undefined;
  /** A comment; ignored. */
  readonly description?: string | undefined;
}

/** A rule for some paths. */
export interface PathRuleOptions extends RuleOptions {
  /** A name for logs, unique in the policy. */
  readonly name?: string | undefined;
  /** The paths that it governs, such as `/catalogue/*`. */
  readonly paths: readonly string[];
}

/** The options of a policy: a single rule for every path, or several with their paths. */
export type PolicyOptions =
  | RuleOptions
  | {
      /** The rules. The order does not matter: the most specific path pattern wins. */
      readonly rules: readonly PathRuleOptions[];
      /** A comment; ignored. */
      readonly description?: string | undefined;
    };

/**
 * Converts options to a policy document: the same values, with keys in snake_case.
 *
 * The engine validates the document. A key that is present in both spellings is written twice, so that
 * the engine reports it.
 *
 * @throws TypeError for a value that JSON cannot represent
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
      `${named(place)} is a RegExp. JavaScript's regular expressions differ from the engine's, and ` +
        "take exponential time on some input: write { regex: '...' } in the syntax of Rust's regex " +
        'crate; it is matched against the whole origin',
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
      `${named(place)} is ${value === undefined ? 'undefined' : `a ${typeof value}`}, which JSON ` +
        'cannot represent: use strings, numbers, booleans, arrays and objects',
    );
  }
  return JSON.stringify(value);
}

/** The name of a place in an error; its keys may have any character. */
function named(place: string): string {
  return place === '' ? 'the policy' : native.printable(place);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
