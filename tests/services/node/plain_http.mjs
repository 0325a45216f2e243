// Plain node:http, and node:http2 in the clear on the same port, without any CORS: node_http.mjs puts the
// adapter in front of it, ../upstream a proxy.

import { createServer } from 'node:http';
import { createServer as createServer2 } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import * as contract from './contract.mjs';

const ITEM_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const routes = (replace) => ({
  '/app/item': (request, response) => {
    if (!ITEM_METHODS.includes(request.method)) return refuseMethod(response, ITEM_METHODS);
    if (request.method === 'OPTIONS') return response.writeHead(204, contract.OPTIONS).end();
    return response.writeHead(200, contract.ITEM).end('item');
  },
  '/app/get-only': (request, response) => {
    if (!['GET', 'HEAD'].includes(request.method)) return refuseMethod(response, ['GET', 'HEAD']);
    return answer(response, 200, 'get-only');
  },
  '/app/throw': () => {
    throw new Error('thrown on purpose');
  },
  '/app/throw-late': (request, response) => {
    response.writeHead(200, contract.TEXT);
    // The pipeline ends the response when its source fails.
    pipeline(Readable.from(contract.failingChunks()), response).catch(report);
  },
  '/app/reset': (request, response) => {
    response.setHeader('X-Before', '1');
    throw new Error('thrown on purpose');
  },
  '/app/private': (request, response) => answer(response, 200, 'private'),
  '/app/redirect': (request, response) => response.writeHead(302, { Location: '/app/item' }).end(),
  '/app/stream': (request, response) => {
    response.writeHead(200, contract.TEXT);
    pipeline(Readable.from(contract.chunks()), response).catch(report);
  },
  '/app/vary': (request, response) => response.writeHead(200, contract.VARY).end('vary'),
  '/app/vary-star': (request, response) =>
    response.writeHead(200, { ...contract.TEXT, Vary: '*' }).end('vary-star'),
  // In the raw form, names and values in turn.
  '/app/own': (request, response) =>
    response.writeHead(200, Object.entries(contract.OWN_CORS).flat()).end('own'),
  '/app/upload': async (request, response) => {
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size > contract.UPLOAD_LIMIT) return answer(response, 413, 'too large');
    }
    return answer(response, 200, 'uploaded');
  },
  '/app/slow': (request, response) => setTimeout(() => answer(response, 200, 'slow'), 500),
  '/open/item': (request, response) => answer(response, 200, 'open'),
  '/plain': (request, response) =>
    response.writeHead(200, { ...contract.TEXT, ...contract.PLAIN_CORS }).end('plain'),
  '/-/replace': async (request, response) =>
    answer(response, ...(await replace(await buffer(request)))),
});

function handler(replace) {
  const known = routes(replace);
  return (request, response) => {
    if (contract.isRefused(request)) {
      return response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end('unauthorised');
    }
    const [path] = request.url.split('?');
    const route = Object.hasOwn(known, path) ? known[path] : notFound;
    const done = route(request, response);
    return done?.catch?.(report);
  };
}

function answer(response, status, body) {
  return response.writeHead(status, contract.TEXT).end(body);
}

function notFound(request, response) {
  return answer(response, 404, 'none');
}

function refuseMethod(response, methods) {
  return response.writeHead(405, { Allow: methods.join(', ') }).end('not this one');
}

function report(error) {
  console.error(String(error));
}

// A handler that throws would end the process: the answer is on its way then, and this service goes on.
process.on('uncaughtException', report);

/**
 * Serves every route.
 *
 * @param wrap what puts an adapter in front of a server, and returns the server
 * @param replace gets the bytes of a policy, and gives the status of the answer and its text
 */
export function serve(wrap, replace) {
  const handle = handler(replace);
  const http1 = wrap(createServer(handle));
  const http2 = wrap(createServer2(handle));
  contract.echo(http1);

  // Node.js has no server for both in the clear. The preface of HTTP/2 tells them apart.
  const either = createTcpServer((socket) => {
    socket.on('error', report);
    socket.once('readable', () => {
      const start = socket.read();
      if (start === null) return socket.destroy();
      socket.unshift(start);
      return (start.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
    });
  });
  contract.listen(either);
}
