// Fastify. The hook that authenticates is registered before the plugin, which is in front of it all the same.

import { Readable } from 'node:stream';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { cors } from 'onecors/fastify';
import * as service from './service.mjs';

const app = Fastify({ bodyLimit: service.UPLOAD_LIMIT, logger: { level: 'warn' } });
app.addHook('onRequest', async (request, reply) => {
  if (service.isRefused(request.raw)) {
    await reply.code(401).header('WWW-Authenticate', 'Bearer').send('unauthorised');
  }
});
await app.register(cors, { policy: service.policy });
await app.register(fastifyStatic, {
  root: service.STATIC,
  prefix: '/app/',
  index: 'index.txt',
  redirect: true,
});
// The document of a policy is not parsed here, so that every problem of it is the engine's to tell.
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => done(null, body));

const text = (reply) => reply.type('text/plain; charset=utf-8');
app.route({
  method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  url: '/app/item',
  handler: (request, reply) => reply.headers(service.ITEM).send('item'),
});
app.options('/app/item', (request, reply) => reply.headers(service.OPTIONS).code(204).send());
app.get('/app/get-only', (request, reply) => text(reply).send('get-only'));
app.get('/app/throw', () => {
  throw new Error('thrown on purpose');
});
app.get('/app/throw-late', (request, reply) =>
  text(reply).send(Readable.from(service.failingChunks())),
);
app.get('/app/reset', (request, reply) => {
  reply.header('X-Before', '1');
  throw new Error('thrown on purpose');
});
app.all('/app/private', (request, reply) => text(reply).send('private'));
app.get('/app/redirect', (request, reply) => reply.redirect('/app/item'));
app.get('/app/stream', (request, reply) => text(reply).send(Readable.from(service.chunks())));
app.get('/app/vary', (request, reply) => reply.headers(service.VARY).send('vary'));
app.get('/app/vary-star', (request, reply) => text(reply).header('Vary', '*').send('star'));
app.get('/app/own', (request, reply) => text(reply).headers(service.OWN_CORS).send('own'));
app.post('/app/upload', (request, reply) => text(reply).send('uploaded'));
app.get('/app/slow', async (request, reply) => {
  await service.delay(500);
  return text(reply).send('slow');
});
app.get('/open/item', (request, reply) => text(reply).send('open'));
app.get('/plain', (request, reply) => text(reply).headers(service.PLAIN_CORS).send('plain'));
app.post('/-/replace', (request, reply) => {
  const [status, body] = service.replace(request.body ?? '');
  return text(reply).code(status).send(body);
});

service.echo(app.server);
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) });
service.announce(app.server);
