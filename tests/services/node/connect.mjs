// Connect, whose only router is the path that middleware is mounted on.

import { createServer } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import bodyParser from 'body-parser';
import connect from 'connect';
import { cors } from 'onecors/http';
import serveStatic from 'serve-static';
import * as service from './service.mjs';

const app = connect();
app.use(cors(service.policy));
app.use((request, response, next) => {
  if (service.isRefused(request)) {
    response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end('unauthorised');
  } else {
    next();
  }
});
app.use(bodyParser.text({ type: () => true, limit: service.UPLOAD_LIMIT }));

/** Answers one path, for some methods; all others go on to the 404. */
function route(path, handler, methods = ['GET', 'HEAD']) {
  app.use(path, (request, response, next) => {
    if (!['', '/'].includes(request.url.split('?')[0]) || !methods.includes(request.method)) next();
    else handler(request, response, next);
  });
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { ...service.TEXT, ...headers }).end(body);
}

route('/app/item', (request, response) => response.writeHead(200, service.ITEM).end('item'), [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
]);
route('/app/item', (request, response) => response.writeHead(204, service.OPTIONS).end(), [
  'OPTIONS',
]);
route('/app/get-only', (request, response) => answer(response, 200, 'get-only'));
route('/app/throw', () => {
  throw new Error('thrown on purpose');
});
route('/app/throw-late', (request, response, next) => {
  response.writeHead(200, service.TEXT).write('part');
  setTimeout(() => next(new Error('thrown after the start')), 50);
});
route('/app/reset', (request, response) => {
  response.setHeader('X-Before', '1');
  throw new Error('thrown on purpose');
});
route('/app/private', (request, response) => answer(response, 200, 'private'));
route('/app/redirect', (request, response) => answer(response, 302, '', { Location: '/app/item' }));
route('/app/stream', (request, response, next) => {
  response.writeHead(200, service.TEXT);
  pipeline(Readable.from(service.chunks()), response, (error) => error && next(error));
});
route('/app/vary', (request, response) => response.writeHead(200, service.VARY).end('vary'));
route('/app/vary-star', (request, response) => answer(response, 200, 'star', { Vary: '*' }));
route('/app/own', (request, response) => answer(response, 200, 'own', service.OWN_CORS));
route('/app/upload', (request, response) => answer(response, 200, 'uploaded'), ['POST']);
route('/app/slow', (request, response) => setTimeout(() => answer(response, 200, 'slow'), 500));
route('/open/item', (request, response) => answer(response, 200, 'open'));
route('/plain', (request, response) => answer(response, 200, 'plain', service.PLAIN_CORS));
route(
  '/-/replace',
  (request, response) => answer(response, ...service.replace(request.body ?? '')),
  ['POST'],
);
app.use('/app', serveStatic(service.STATIC, { index: 'index.txt' }));

service.listen(createServer(app));
