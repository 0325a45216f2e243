// Middleware of Express, called as its router does, with requests and responses of an application.

import peer from 'cors';
import createApp from 'express';
import { Policy } from 'onecors';
import { cors } from 'onecors/http';
import { limit } from '../limit.mjs';
import { logger } from '../logger.mjs';
import { peerOptions } from '../policy.mjs';
import { exchange } from '../requests.mjs';

export const peers = ['cors'];
export const isAsync = false;

const LAYERS = {
  nothing: () => (request, response, next) => next(),
  onecors: (document) => cors(Policy.fromJson(document), { logger }),
  limit(document) {
    const place = limit(document);
    return (request, response, next) => place(request, response) || next();
  },
  cors: (document) => peer(peerOptions(document)),
};

export function prepare(subject, document) {
  const app = createApp();
  const layer = LAYERS[subject](document);
  app.use(layer);
  let handled;
  const next = () => handle(handled);
  return {
    // What an application of Express does before it calls its middleware.
    exchange(texts, turn) {
      const { request, response } = exchange(texts, turn);
      response.setHeader('X-Powered-By', 'Express');
      request.res = response;
      response.req = request;
      Object.setPrototypeOf(request, app.request);
      Object.setPrototypeOf(response, app.response);
      response.locals = Object.create(null);
      request.originalUrl = request.url;
      return { request, response };
    },
    call({ request, response }) {
      handled = response;
      layer(request, response, next);
    },
  };
}

function handle(response) {
  response.setHeader('Content-Type', 'application/json');
  response.end('{"items":[]}');
}
