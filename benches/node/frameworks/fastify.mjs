// Requests to the server of a Fastify application, through its router to a handler.

import peer from '@fastify/cors';
import createApp from 'fastify';
import { Policy } from 'onecors';
import { cors } from 'onecors/fastify';
import { limit } from '../limit.mjs';
import { logger } from '../logger.mjs';
import { peerOptions } from '../policy.mjs';
import { exchange } from '../requests.mjs';

export const peers = ['@fastify/cors'];
export const isAsync = false;

const LAYERS = {
  nothing() {},
  async onecors(app, document) {
    await app.register(cors, { policy: Policy.fromJson(document), logger });
  },
  limit(app, document) {
    const place = limit(document);
    const { server } = app;
    const emit = server.emit.bind(server);
    server.emit = (event, request, response) => {
      return place(request, response) || emit(event, request, response);
    };
  },
  async '@fastify/cors'(app, document) {
    await app.register(peer, peerOptions(document));
  },
};

export async function prepare(subject, document) {
  const app = createApp();
  await LAYERS[subject](app, document);
  app.get('/items', (request, reply) => {
    reply.header('content-type', 'application/json').send('{"items":[]}');
  });
  await app.ready();
  const { server } = app;
  return {
    exchange,
    call({ request, response }) {
      server.emit('request', request, response);
    },
  };
}
