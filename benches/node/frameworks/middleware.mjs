// Middleware of the form that Express, Connect and others share, called as their routers do.

import peer from 'cors';
import { Policy } from 'onecors';
import { cors } from 'onecors/http';
import { limit } from '../limit.mjs';
import { logger } from '../logger.mjs';
import { peerOptions } from '../policy.mjs';

export const peers = ['cors'];
export const isAsync = false;

/** @param attach how `limit` replaces a response's `writeHead` */
export function layerOf(subject, document, attach) {
  switch (subject) {
    case 'nothing':
      return (request, response, next) => next();
    case 'onecors':
      return cors(Policy.fromJson(document), { logger });
    case 'limit': {
      const place = limit(document, attach);
      return (request, response, next) => place(request, response) || next();
    }
    default:
      return peer(peerOptions(document));
  }
}

/** Calls a layer, and behind it a handler. */
export function caller(layer) {
  let handled;
  const next = () => {
    handled.setHeader('Content-Type', 'application/json');
    handled.end('{"items":[]}');
  };
  return ({ request, response }) => {
    handled = response;
    layer(request, response, next);
  };
}
