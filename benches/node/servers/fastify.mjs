// A server of Fastify: `fastify.mjs SUBJECT PORT DOCUMENT`.

import { readFileSync } from 'node:fs';
import peer from '@fastify/cors';
import createApp from 'fastify';
import { LivePolicy, Policy } from 'onecors';
import { cors } from 'onecors/fastify';
import { peerOptions } from '../policy.mjs';

const [subject, port, document] = process.argv.slice(2);

const app = createApp();
switch (subject) {
  case 'onecors':
    app.register(cors, { policy: Policy.fromFile(document) });
    break;
  case 'onecors-live':
    app.register(cors, { policy: LivePolicy.watch(document) });
    break;
  case '@fastify/cors':
    app.register(peer, peerOptions(readFileSync(document)));
}
app.get('/items', (request, reply) => reply.type('application/json').send('{"items":[]}'));
// The peer has a route of its own for these.
if (subject !== '@fastify/cors') {
  app.options('*', (request, reply) => reply.code(204).send());
}
await app.listen({ port: Number(port), host: '127.0.0.1' });
