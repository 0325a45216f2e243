// The frameworks by their names. Each has
//
// - `prepare(subject, document)`: an application with that subject as its CORS layer, or `null` where a
//   subject cannot express the document. It has `exchange(texts, turn)`, which makes what `call` takes,
//   and `call`, which answers it as the framework would; `isAsync` tells whether to wait for it;
// - `peers`: the subjects beside `nothing`, `onecors` and `limit`.

import * as express from './express.mjs';
import * as fastify from './fastify.mjs';
import * as koa from './koa.mjs';
import * as nodeHttp from './node_http.mjs';

export const FRAMEWORKS = { 'node:http': nodeHttp, express, fastify, koa };
