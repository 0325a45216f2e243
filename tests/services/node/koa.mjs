// Koa 2 or 3, by the first argument, with @koa/router.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import { cors } from 'onecors/koa';
import * as service from './service.mjs';

const router = new Router();
const item = (context) => {
  context.set(service.ITEM);
  context.body = 'item';
};
router.get('/app/item', item).post('/app/item', item).put('/app/item', item);
router.patch('/app/item', item).delete('/app/item', item);
router.options('/app/item', (context) => {
  context.set(service.OPTIONS);
  context.status = 204;
});
router.get('/app/get-only', (context) => {
  context.body = 'get-only';
});
router.get('/app/throw', () => {
  throw new Error('thrown on purpose');
});
router.get('/app/throw-late', (context) => {
  context.type = 'text';
  context.body = Readable.from(service.failingChunks());
});
router.get('/app/reset', (context) => {
  context.set('X-Before', '1');
  context.throw(500, 'thrown on purpose');
});
router.all('/app/private', (context) => {
  context.body = 'private';
});
router.get('/app/redirect', (context) => context.redirect('/app/item'));
router.get('/app/stream', (context) => {
  context.type = 'text';
  context.body = Readable.from(service.chunks());
});
router.get('/app/vary', (context) => {
  context.set(service.VARY);
  context.body = 'vary';
});
router.get('/app/vary-star', (context) => {
  context.set('Vary', '*');
  context.body = 'star';
});
router.get('/app/own', (context) => {
  context.set(service.OWN_CORS);
  context.body = 'own';
});
router.post('/app/upload', async (context) => {
  let size = 0;
  for await (const chunk of context.req) {
    size += chunk.length;
    context.assert(size <= service.UPLOAD_LIMIT, 413);
  }
  context.body = 'uploaded';
});
router.get('/app/slow', async (context) => {
  await service.delay(500);
  context.body = 'slow';
});
router.get('/open/item', (context) => {
  context.body = 'open';
});
router.get('/plain', (context) => {
  context.set(service.PLAIN_CORS);
  context.body = 'plain';
});
router.post('/-/replace', async (context) => {
  [context.status, context.body] = service.replace(await text(context.req));
});

const [version] = process.argv.slice(2);
const { default: Koa } = await import(version === '2' ? 'koa2' : 'koa');

const app = new Koa();
app.use(cors(service.policy));
app.use(async (context, next) => {
  if (service.isRefused(context.req)) {
    context.throw(401, 'unauthorised', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
  await next();
});
app.use(router.routes());
app.use(router.allowedMethods());

service.listen(createServer(app.callback()));
