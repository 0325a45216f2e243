// Middleware of an application of Express, with its requests and responses. Express replaces the prototype
// of each, and V8 is slow with such objects: everything takes several times as long as with node:http's own.

import { ServerResponse } from 'node:http';
import createApp from 'express';
import { exchange } from '../requests.mjs';
import { caller, layerOf } from './middleware.mjs';

export { isAsync, peers } from './middleware.mjs';

const { writeHead: nodeWriteHead } = ServerResponse.prototype;

export function prepare(subject, document) {
  const app = createApp();
  // A property of their own makes these responses slower still.
  const attached = new WeakMap();
  if (subject === 'limit') {
    app.response.writeHead = function (status, reason, headers) {
      return (attached.get(this) ?? nodeWriteHead).call(this, status, reason, headers);
    };
  }
  const attach = (response, writeHead) => attached.set(response, writeHead);
  const layer = layerOf(subject, document, attach);
  app.use(layer);
  return {
    // What an application does before it calls its middleware.
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
    call: caller(layer),
  };
}
