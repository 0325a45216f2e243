// Express 4 or 5, by the first argument. With the second, `wrap`, the server is wrapped instead, and the
// application has no middleware for it.

import { createServer } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { cors, wrap } from 'onecors/http';
import * as service from './service.mjs';

const [version, mode] = process.argv.slice(2);
const { default: express } = await import(version === '4' ? 'express4' : 'express');

const app = express();
app.enable('case sensitive routing');
if (mode !== 'wrap') app.use(cors(service.policy));

app.use((request, response, next) => {
  if (service.isRefused(request)) {
    response.status(401).set('WWW-Authenticate', 'Bearer').type('text').send('unauthorised');
  } else {
    next();
  }
});
app.use(express.text({ type: () => true, limit: service.UPLOAD_LIMIT }));

const item = (request, response) => response.set(service.ITEM).send('item');
app
  .route('/app/item')
  .get(item)
  .post(item)
  .put(item)
  .patch(item)
  .delete(item)
  .options((request, response) => response.set(service.OPTIONS).status(204).end());
app.get('/app/get-only', (request, response) => response.type('text').send('get-only'));
app.get('/app/throw', () => {
  throw new Error('thrown on purpose');
});
app.get('/app/throw-late', (request, response, next) => {
  response.type('text').write('part');
  setTimeout(() => next(new Error('thrown after the start')), 50);
});
app.get('/app/reset', (request, response) => {
  response.set('X-Before', '1');
  throw new Error('thrown on purpose');
});
app.all('/app/private', (request, response) => response.type('text').send('private'));
// Not `redirect`: it writes a page in one of two types, and so varies by Accept.
app.get('/app/redirect', (request, response) => response.status(302).location('/app/item').end());
app.get('/app/stream', (request, response, next) => {
  response.type('text');
  pipeline(Readable.from(service.chunks()), response, (error) => error && next(error));
});
app.get('/app/vary', (request, response) => response.set(service.VARY).send('vary'));
app.get('/app/vary-star', (request, response) =>
  response.type('text').set('Vary', '*').send('star'),
);
app.get('/app/own', (request, response) => response.type('text').set(service.OWN_CORS).send('own'));
app.post('/app/upload', (request, response) => response.type('text').send('uploaded'));
app.get('/app/slow', (request, response) => {
  setTimeout(() => response.type('text').send('slow'), 500);
});
app.get('/open/item', (request, response) => response.type('text').send('open'));
app.get('/plain', (request, response) =>
  response.type('text').set(service.PLAIN_CORS).send('plain'),
);
app.post('/-/replace', (request, response) => {
  const [status, text] = service.replace(request.body ?? '');
  response.status(status).type('text').send(text);
});
app.use('/app', express.static(service.STATIC, { index: 'index.txt' }));

const server = createServer(app);
if (mode === 'wrap') {
  wrap(server, service.policy);
  service.echo(server);
}
service.listen(server);
