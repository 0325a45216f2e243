// What no library could beat: the plans of one policy, written by hand, with a look-up in a Set. It owns
// its fields and merges Vary when the response starts, whoever starts it, as an adapter has to.

import { ServerResponse } from 'node:http';

const nodeWriteHead = ServerResponse.prototype.writeHead;
const OWNED = /^access-control-(?:allow-|expose-headers$|max-age$)/;

function attachOwn(response, writeHead) {
  response.writeHead = writeHead;
}

/**
 * Puts the policy in front of a response; answers whether the request ends here.
 *
 * @param attach how the `writeHead` of a response is replaced
 */
export function limit(document, attach = attachOwn) {
  const policy = JSON.parse(document);
  const origins = new Set(policy.allow_origins);
  const methods = new Set(['GET', 'HEAD', 'POST', ...policy.allow_methods]);
  const fields = new Set(policy.allow_headers);
  const exposed = policy.expose_headers.join(',');
  const allowMethods = policy.allow_methods.join(',');
  const allowHeaders = policy.allow_headers.join(',');
  const maxAge = String(policy.max_age);
  const preflightVary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

  function namesAreAllowed(list) {
    for (const name of list.split(',')) {
      if (!fields.has(name.trim().toLowerCase())) return false;
    }
    return true;
  }

  function answer(response, origin, isAllowed) {
    const isUntouched = response.getHeaderNames().length === 0;
    if (!isAllowed && isUntouched) {
      response.writeHead(403, ['content-length', '0', 'vary', preflightVary]);
    } else if (!isAllowed) {
      response.setHeader('content-length', '0');
      response.setHeader('vary', preflightVary);
      response.writeHead(403);
    } else if (isUntouched) {
      response.writeHead(204, [
        'access-control-allow-origin',
        origin,
        'access-control-allow-credentials',
        'true',
        'access-control-allow-methods',
        allowMethods,
        'access-control-allow-headers',
        allowHeaders,
        'access-control-max-age',
        maxAge,
        'vary',
        preflightVary,
      ]);
    } else {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-credentials', 'true');
      response.setHeader('access-control-allow-methods', allowMethods);
      response.setHeader('access-control-allow-headers', allowHeaders);
      response.setHeader('access-control-max-age', maxAge);
      response.setHeader('vary', preflightVary);
      response.writeHead(204);
    }
    response.end();
    return true;
  }

  function allowing(origin) {
    return function writeHead(status, reason, headers) {
      const given = headers ?? (typeof reason === 'string' ? undefined : reason);
      const names = this.getHeaderNames();
      if (names.length === 0 && given && !Array.isArray(given)) {
        const lines = linesOf(given);
        lines.push('access-control-allow-origin', origin);
        lines.push('access-control-allow-credentials', 'true');
        lines.push('access-control-expose-headers', exposed);
        return nodeWriteHead.call(this, status, reasonOf(reason), lines);
      }
      prepare(this, names, given);
      this.setHeader('access-control-allow-origin', origin);
      this.setHeader('access-control-allow-credentials', 'true');
      this.setHeader('access-control-expose-headers', exposed);
      return nodeWriteHead.call(this, status, reasonOf(reason));
    };
  }

  function bare(status, reason, headers) {
    const given = headers ?? (typeof reason === 'string' ? undefined : reason);
    const names = this.getHeaderNames();
    if (names.length === 0 && given && !Array.isArray(given)) {
      return nodeWriteHead.call(this, status, reasonOf(reason), linesOf(given));
    }
    prepare(this, names, given);
    return nodeWriteHead.call(this, status, reasonOf(reason));
  }

  return function place(request, response) {
    const { headers } = request;
    const { origin } = headers;
    if (origin === undefined) {
      attach(response, bare);
      return false;
    }
    const isAllowed = origins.has(origin);
    if (request.method === 'OPTIONS') {
      const method = headers['access-control-request-method'];
      if (method !== undefined) {
        const list = headers['access-control-request-headers'];
        const passes =
          isAllowed && methods.has(method) && (list === undefined || namesAreAllowed(list));
        return answer(response, origin, passes);
      }
    }
    attach(response, isAllowed ? allowing(origin) : bare);
    return false;
  };
}

function reasonOf(reason) {
  return typeof reason === 'string' ? reason : undefined;
}

/** The fields that were given to `writeHead` as an object, with `Vary`, without what the policy owns. */
function linesOf(given) {
  const lines = [];
  let hasVary = false;
  for (const name in given) {
    const lower = name.toLowerCase();
    if (OWNED.test(lower)) continue;
    if (lower === 'vary') {
      hasVary = true;
      lines.push(name, merged(given[name]));
    } else {
      lines.push(name, given[name]);
    }
  }
  if (!hasVary) lines.push('vary', 'Origin');
  return lines;
}

/** Sets what was given, removes what the policy owns, and merges `Vary`. */
function prepare(response, names, given) {
  if (given) setAll(response, given);
  let hasVary = false;
  for (const name of given ? response.getHeaderNames() : names) {
    if (name === 'vary') hasVary = true;
    else if (name.startsWith('access-control-') && OWNED.test(name)) response.removeHeader(name);
  }
  response.setHeader('vary', hasVary ? merged(response.getHeader('vary')) : 'Origin');
}

function setAll(response, given) {
  const pairs = Array.isArray(given)
    ? given.flatMap((name, index) => (index % 2 === 0 ? [[name, given[index + 1]]] : []))
    : Object.entries(given);
  for (const [name, value] of pairs) response.setHeader(name, value);
}

function merged(value) {
  const text = [value].flat().join(', ');
  const tokens = text.split(',').map((token) => token.trim().toLowerCase());
  return tokens.includes('*') || tokens.includes('origin') ? text : `${text}, Origin`;
}
