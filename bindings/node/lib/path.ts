/** What stands before the path in a request target in absolute form. */
const SCHEME_AND_AUTHORITY = /^https?:\/\/[^/?#]*/i;

/** Percent-encoded bytes that are not ASCII. */
const ENCODED_BEYOND_ASCII = /(?:%[89a-f][0-9a-f])+/gi;

const ENCODED_ASCII = /%[0-7][0-9a-f]/gi;

/** A path that some router may take for another one. */
const AMBIGUOUS = /[%;A-Z]|\/\/|.\/$/;

/**
 * The path of a request target, as a policy has it: without the query, and with characters beyond
 * ASCII as such. Percent-encoded ASCII stays, because routers differ on it; see {@link plainPath}.
 */
export function pathOf(target: string): string {
  let path = target;
  if (!path.startsWith('/')) {
    path = path.replace(SCHEME_AND_AUTHORITY, '');
    if (path !== target && !path.startsWith('/')) path = `/${path}`;
  }
  path = withoutQuery(path);
  const fragment = path.indexOf('#');
  if (fragment !== -1) path = path.slice(0, fragment);
  return beyondAscii(path);
}

/** A request target in origin form without its query. */
export function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** A path in which characters beyond ASCII stand as such. */
export function beyondAscii(path: string): string {
  return path.includes('%') ? path.replace(ENCODED_BEYOND_ASCII, decoded) : path;
}

/**
 * What the most lenient router makes of a path. Some routers, and most servers of files, decode it;
 * some ignore case, a final slash, doubled ones, or what comes after a semicolon. A page must not
 * choose between two rules by the way that it writes the path of one handler.
 */
export function plainPath(path: string): string {
  if (!AMBIGUOUS.test(path)) return path;
  const folded = path
    .replace(ENCODED_ASCII, decoded)
    .toLowerCase()
    .replace(/;.*/s, '')
    .replace(/\/{2,}/g, '/');
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
