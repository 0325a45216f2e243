// What the services share that has nothing to do with CORS: the contract's answers that are the same
// everywhere, and the start.

import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

export { delay };

export const UPLOAD_LIMIT = 64 * 1024;

/** Where `slash/` is, a folder that is redirected to. */
export const STATIC = new URL('static', import.meta.url).pathname;

export const OWN_CORS = {
  'Access-Control-Allow-Origin': 'https://wrong.example',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': 'x-own',
  'Access-Control-Max-Age': '1',
};
export const PLAIN_CORS = { 'Access-Control-Allow-Origin': 'https://own.example' };
export const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
export const ITEM = { ...TEXT, ETag: '"1"', 'Set-Cookie': ['a=1; Path=/', 'b=2; Path=/'] };
export const OPTIONS = {
  'X-Handler': 'options',
  Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
};
export const VARY = { ...TEXT, Vary: ['Accept-Encoding', 'Cookie, ORIGIN'] };

/** Whether a request of `node:http` to `/app/private` has to be refused. */
export function isRefused(request) {
  return (
    /^\/app\/private(\?|$)/.test(request.url) && request.headers.authorization !== 'Bearer token'
  );
}

/** Three chunks, far enough apart to be sent one by one. */
export async function* chunks() {
  yield 'one';
  await delay(150);
  yield 'two';
  await delay(150);
  yield 'three';
}

/** A chunk, and then a failure. */
export async function* failingChunks() {
  yield 'part';
  await delay(50);
  throw new Error('thrown after the start');
}

/** A WebSocket at `/app/ws` that sends back what it gets. */
export function echo(server) {
  const sockets = new WebSocketServer(server ? { server, path: '/app/ws' } : { noServer: true });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return sockets;
}

/** Listens, and says where. */
export function listen(server) {
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => announce(server));
}

export function announce(server) {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
}
