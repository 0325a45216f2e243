// Hono on @hono/node-server: the adapter for handlers of the Fetch API, in the form of Hono's middleware.

import { Readable } from 'node:stream';
import { serve, upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { appendTrailingSlash } from 'hono/trailing-slash';
import { cors } from 'onecors/hono';
import * as service from './service.mjs';

const app = new Hono();
app.use(cors(service.policy));
app.use('/app/private', async (context, next) => {
  if (context.req.header('authorization') !== 'Bearer token') {
    return context.text('unauthorised', 401, { 'WWW-Authenticate': 'Bearer' });
  }
  return next();
});
app.use('/app/slash', appendTrailingSlash());

const stream = (chunks) =>
  new Response(Readable.toWeb(Readable.from(chunks)), { headers: service.TEXT });
const encoded = async function* (chunks) {
  for await (const chunk of chunks) yield new TextEncoder().encode(chunk);
};

app.on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], '/app/item', (context) =>
  context.body('item', 200, service.ITEM),
);
app.options('/app/item', (context) => context.body(null, 204, service.OPTIONS));
app.get('/app/get-only', (context) => context.text('get-only'));
app.get('/app/throw', () => {
  throw new Error('thrown on purpose');
});
app.get('/app/throw-late', () => stream(encoded(service.failingChunks())));
app.get('/app/reset', (context) => {
  context.header('X-Before', '1');
  throw new Error('thrown on purpose');
});
app.all('/app/private', (context) => context.text('private'));
app.get('/app/redirect', (context) => context.redirect('/app/item'));
app.get('/app/slash/', (context) => context.text('slash'));
app.get('/app/stream', () => stream(encoded(service.chunks())));
app.get('/app/vary', (context) => context.body('vary', 200, service.VARY));
app.get('/app/vary-star', (context) => context.text('star', 200, { Vary: '*' }));
app.get('/app/own', (context) => context.text('own', 200, service.OWN_CORS));
app.post('/app/upload', bodyLimit({ maxSize: service.UPLOAD_LIMIT }), async (context) => {
  await context.req.text();
  return context.text('uploaded');
});
app.get('/app/slow', async (context) => {
  await service.delay(500);
  return context.text('slow');
});
app.get(
  '/app/ws',
  upgradeWebSocket(() => ({
    onMessage: ({ data }, socket) => socket.send(data),
  })),
);
app.get('/open/item', (context) => context.text('open'));
app.get('/plain', (context) => context.text('plain', 200, service.PLAIN_CORS));
app.post('/-/replace', async (context) => {
  const [status, body] = service.replace(await context.req.text());
  return context.body(body || null, status, service.TEXT);
});

const server = serve({
  fetch: app.fetch,
  hostname: '127.0.0.1',
  port: Number(process.env.PORT ?? 0),
  websocket: { server: service.echo(null) },
});
server.on('listening', () => service.announce(server));
