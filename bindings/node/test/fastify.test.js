'use strict';
// What is particular to Fastify.

const assert = require('node:assert/strict');
const { afterEach, describe, it } = require('node:test');
const Fastify = require('fastify');
const { Policy } = require('onecors');
const { cors } = require('onecors/fastify');
const { ask, listen, POLICY } = require('./adapters.js');
const { ORIGIN } = require('./helpers.js');

const policy = new Policy(POLICY);
const REGISTER = {
  name: 'TypeError',
  message: /plugin.* write app\.register\(cors, \{ policy: Policy\.fromFile\(path\) \}\)/,
};
const PREFLIGHT = {
  method: 'OPTIONS',
  url: '/app/x',
  headers: { origin: ORIGIN, 'access-control-request-method': 'PUT' },
};
const ALLOW_ORIGIN = 'access-control-allow-origin';

describe('fastify', () => {
  let service;
  afterEach(() => service?.close().then(() => (service = undefined)));

  async function start(app) {
    await app.ready();
    service = await listen(app.server);
    return (path, headers = { origin: ORIGIN }) => ask(service.port, { path, headers });
  }

  it('answers what tests inject', async () => {
    const app = Fastify();
    app.register(cors, { policy, logger: false });
    app.get('/app/x', () => 'x');
    let seen = 0;
    app.addHook('preHandler', async () => (seen += 1));
    app.options('/app/x', () => 'options');
    const { statusCode, headers, body } = await app.inject(PREFLIGHT);
    assert.equal(seen, 0);
    assert.equal(statusCode, 204);
    assert.equal(headers[ALLOW_ORIGIN], ORIGIN);
    assert.equal(body, '');
    const missing = await app.inject({ url: '/app/none', headers: { origin: ORIGIN } });
    assert.equal(missing.statusCode, 404);
    assert.equal(missing.headers[ALLOW_ORIGIN], ORIGIN);
    assert.equal((await app.inject({ url: '/app/x' })).headers.vary, 'Origin');
  });

  // fastify-cors#2, #281: scopes miss nothing, and nothing runs twice.
  it('is in front of every scope, wherever it is registered', async () => {
    const app = Fastify();
    app.register(async (scope) => scope.get('/app/before', () => 'before'));
    app.register(async (scope) => scope.register(cors, { policy, logger: false }));
    app.register(async (scope) => scope.get('/app/after', () => 'after'));
    const get = await start(app);
    for (const path of ['/app/before', '/app/after', '/app/none', '/app']) {
      assert.deepEqual((await get(path)).all(ALLOW_ORIGIN), [ORIGIN], path);
    }
  });

  it("is in front of Fastify's own answer to a path that it cannot decode", async () => {
    const app = Fastify();
    app.register(cors, { policy, logger: false });
    const get = await start(app);
    const answer = await get('/app/%zz');
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.all(ALLOW_ORIGIN), [ORIGIN]);
  });

  it('is in front of responses that leave Fastify', async () => {
    const app = Fastify();
    app.register(cors, { policy, logger: false });
    app.get('/app/raw', (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'Access-Control-Allow-Origin': '*' });
      reply.raw.end('raw');
    });
    const get = await start(app);
    assert.deepEqual((await get('/app/raw')).all(ALLOW_ORIGIN), [ORIGIN]);
  });

  it('goes by the path that the client sees', async () => {
    const app = Fastify({ rewriteUrl: ({ url }) => url.replace(/^\/app/, '/inner') });
    app.register(cors, { policy, logger: false });
    app.get('/inner/x', () => 'x');
    const get = await start(app);
    const answer = await get('/app/x');
    assert.equal(answer.body, 'x');
    assert.deepEqual(answer.all(ALLOW_ORIGIN), [ORIGIN]);
    const injected = await app.inject({ url: '/app/x', headers: { origin: ORIGIN } });
    assert.equal(injected.headers[ALLOW_ORIGIN], ORIGIN);
  });

  it('goes by the options of the router', async () => {
    const overlapping = new Policy({
      rules: [
        { paths: ['/*'], allowOrigins: ['*'] },
        { paths: ['/app/*'], allowOrigins: [ORIGIN] },
      ],
    });
    for (const [routerOptions, path, granted] of [
      [{}, '/APP/x', '*'],
      [{}, '/app/x', undefined],
      [{}, '/%61pp/x', undefined],
      [{ caseSensitive: false }, '/APP/x', undefined],
      [{ ignoreDuplicateSlashes: true }, '//app/x', undefined],
      [{ useSemicolonDelimiter: true }, '/app;x', undefined],
      [{}, '/app;x', '*'],
    ]) {
      const app = Fastify({ routerOptions });
      app.register(cors, { policy: overlapping, logger: false });
      const headers = { origin: 'https://evil.example' };
      const answer = await app.inject({ url: path, headers });
      assert.equal(
        answer.headers[ALLOW_ORIGIN],
        granted,
        `${JSON.stringify(routerOptions)} ${path}`,
      );
    }
  });

  it('logs to the log of Fastify, with fields', async () => {
    const lines = [];
    const stream = { write: (line) => lines.push(JSON.parse(line)) };
    const app = Fastify({ logger: { level: 'warn', stream } });
    app.register(cors, { policy });
    await app.inject({ url: '/app/x', headers: { origin: 'http://app.example.com' } });
    const [{ level, msg, reason, rule, origin, nearest_miss }] = lines;
    assert.equal(level, 40);
    assert.match(msg, /^onecors: denied the request of "http:\/\/app\.example\.com" to rule "app"/);
    assert.deepEqual(
      [reason, rule, origin],
      ['origin_not_allowed', 'app', 'http://app.example.com'],
    );
    assert.equal(nearest_miss.difference, 'http, not https');
  });

  it('finds another plugin', async () => {
    const lines = [];
    const stream = { write: (line) => lines.push(JSON.parse(line).msg) };
    const app = Fastify({ logger: { level: 'warn', stream } });
    app.register(cors, { policy });
    const other = (instance, options, done) => done();
    other[Symbol.for('skip-override')] = true;
    other[Symbol.for('plugin-meta')] = { name: '@fastify/cors' };
    app.register(other);
    await app.ready();
    assert.deepEqual(lines, [
      'onecors: @fastify/cors is registered too: remove it, because onecors replaces the headers that it sets',
    ]);
  });

  it('refuses what is no policy when it starts', async () => {
    const app = Fastify();
    app.register(cors, {});
    await assert.rejects(async () => app.ready(), REGISTER);
    const other = Fastify();
    other.register(cors, policy);
    await assert.rejects(async () => other.ready(), REGISTER);
  });

  it('says how it is registered', () => {
    assert.throws(() => cors(policy), REGISTER);
  });
});
