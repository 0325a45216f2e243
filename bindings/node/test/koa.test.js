'use strict';
// What is particular to Koa.

const assert = require('node:assert/strict');
const http = require('node:http');
const { afterEach, describe, it } = require('node:test');
const Koa = require('koa');
const Router = require('@koa/router');
const { Policy } = require('onecors');
const { cors } = require('onecors/koa');
const { ask, listen, POLICY, recorder } = require('./adapters.js');
const { ORIGIN } = require('./helpers.js');

const policy = new Policy(POLICY);

describe('koa', () => {
  let service;
  afterEach(() => service?.close().then(() => (service = undefined)));

  async function start(...middleware) {
    const app = new Koa();
    app.silent = true;
    for (const one of middleware) app.use(one);
    service = await listen(http.createServer(app.callback()));
    return (path) => ask(service.port, { path, headers: { origin: ORIGIN } });
  }

  // koa#309, #411, koajs/cors#62: Koa removes every field before it writes an error.
  it('covers errors, with the fields that they have themselves', async () => {
    const get = await start(cors(policy, { logger: false }), (context) => {
      context.set('Vary', 'Accept');
      context.set('Access-Control-Allow-Origin', '*');
      context.throw(401, { headers: { 'WWW-Authenticate': 'Bearer', Vary: 'Cookie' } });
    });
    const answer = await get('/app/x');
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.all('www-authenticate'), ['Bearer']);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    assert.equal(answer.cors.vary, 'Cookie, Origin');
  });

  it('goes by the path that the client sees, under a mount', async () => {
    const strip = async (context, next) => {
      context.path = context.path.replace('/app', '');
      await next();
    };
    const get = await start(strip, cors(policy, { logger: false }), (context) => {
      context.body = context.path;
    });
    const answer = await get('/app/x');
    assert.equal(answer.body, '/x');
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
  });

  it('covers the 405 and the 501 of the router', async () => {
    const router = new Router().post('/app/x', (context) => (context.body = 'x'));
    const get = await start(
      cors(policy, { logger: false }),
      router.routes(),
      router.allowedMethods(),
    );
    const answer = await get('/app/x');
    assert.equal(answer.status, 405);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
  });

  it('covers a response that leaves Koa', async () => {
    const get = await start(cors(policy, { logger: false }), (context) => {
      context.respond = false;
      context.res.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('raw');
    });
    assert.equal((await get('/app/x')).cors['access-control-allow-origin'], ORIGIN);
  });

  it('says to Express what it takes', async () => {
    const app = require('express')();
    app.use(cors(policy));
    app.use(({ message }, request, response, next) => next && response.end(message));
    service = await listen(http.createServer(app));
    const { body } = await ask(service.port, { path: '/app/x' });
    assert.match(body, /^cors from onecors\/koa .* onecors\/http instead$/);
  });

  it('looks at its order', async () => {
    const logger = recorder();
    const authenticate = (context, next) => next();
    const get = await start(authenticate, cors(policy, { logger }), (context) => {
      context.body = 'x';
    });
    await get('/plain');
    await get('/plain');
    assert.deepEqual(logger.lines, [
      'warn: onecors: middleware before cors() can answer without CORS headers: authenticate; ' +
        'move app.use(cors(policy)) to the top, or wrap the server',
    ]);
  });
});
