/** The scheme and authority of a request target in absolute form. */
const SCHEME_AND_AUTHORITY = /^https?:\/\/[^/?#]*/i;

/** Percent-encoded bytes that are not ASCII. */
const ENCODED_BEYOND_ASCII = /(?:%[89a-f][0-9a-f])+/gi;

const ENCODED_ASCII = /%[0-7][0-9a-f]/gi;

/** A path that some routers normalise. */
const AMBIGUOUS = /[%;A-Z]|\/\/|.\/$/;

/**
 * The path of a request target in the form of a policy: without the query, and with non-ASCII characters
 * decoded. Percent-encoded ASCII is kept, because routers differ on it; see {@link plainPath}.
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

/** A path with non-ASCII characters decoded. */
export function beyondAscii(path: string): string {
  return path.includes('%') ? path.replace(ENCODED_BEYOND_ASCII, decoded) : path;
}

/**
 * The path as the most lenient router reads it. Some routers, and most file servers, decode it; some ignore
 * case, a trailing slash, doubled slashes, or everything after a semicolon. A page must not be able to
 * choose between two rules by its spelling of a handler's path.
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
