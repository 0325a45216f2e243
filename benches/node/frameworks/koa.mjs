// Middleware of Koa, in front of a handler, with what Koa does around both for each request.

import peer from '@koa/cors';
import Koa from 'koa';
import { Policy } from 'onecors';
import { cors } from 'onecors/koa';
import { limit } from '../limit.mjs';
import { logger } from '../logger.mjs';
import { peerOptions, peerOrigins } from '../policy.mjs';
import { exchange } from '../requests.mjs';

export const peers = ['@koa/cors', '@koa/cors (Set)'];
export const isAsync = true;

const LAYERS = {
  // Preflights reach no handler, and nothing is written: what is left is Koa's own part.
  nothing: () => (context, next) => {
    if (context.method !== 'OPTIONS') return next();
    context.respond = false;
    return undefined;
  },
  onecors: (document) => cors(Policy.fromJson(document), { logger }),
  limit(document) {
    const place = limit(document);
    return async (context, next) => {
      if (!place(context.req, context.res)) await next();
    };
  },
  '@koa/cors'(document) {
    const origins = peerOrigins(document);
    const isText = typeof origins[0] === 'string';
    return peerWith(document, (origin) =>
      isText ? origins.includes(origin) : origins.some((pattern) => pattern.test(origin)),
    );
  },
  '@koa/cors (Set)'(document) {
    const origins = new Set(peerOrigins(document));
    if (origins.values().next().value instanceof RegExp) return null;
    return peerWith(document, (origin) => origins.has(origin));
  },
};

/** Its option `origin` is a text, or a function that answers with one. */
function peerWith(document, isAllowed) {
  const { methods, allowedHeaders, exposedHeaders, ...options } = peerOptions(document);
  return peer({
    ...options,
    origin(context) {
      const origin = context.get('Origin');
      return isAllowed(origin) ? origin : '';
    },
    allowMethods: methods,
    allowHeaders: allowedHeaders,
    exposeHeaders: exposedHeaders,
  });
}

export function prepare(subject, document) {
  const layer = LAYERS[subject](document);
  if (layer === null) return null;
  const app = new Koa();
  app.use(layer);
  app.use((context) => {
    // A denied preflight that a peer passes on has to end, too.
    if (context.method === 'OPTIONS') {
      context.status = 204;
      return;
    }
    context.type = 'application/json';
    context.body = '{"items":[]}';
  });
  const stack = app.compose(app.middleware);
  return {
    exchange(texts, turn) {
      const { request, response } = exchange(texts, turn);
      return { request, response, context: app.createContext(request, response) };
    },
    call: ({ context }) => app.handleRequest(context, stack),
  };
}
