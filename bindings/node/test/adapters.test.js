'use strict';
// What every adapter does, in every framework: the headers on every answer, whoever made it.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { LivePolicy, Policy } = require('onecors');
const { ask, ask2, FRAMEWORKS, listen, POLICY, recorder } = require('./adapters.js');
const { ORIGIN } = require('./helpers.js');

const ALLOWED = {
  'access-control-allow-origin': ORIGIN,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'etag',
  vary: 'Origin',
};
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
const EVIL = 'https://evil.example';

for (const [name, create] of Object.entries(FRAMEWORKS)) {
  describe(name, () => {
    const logger = recorder();
    const live = new LivePolicy(new Policy(POLICY));
    const isHttp2 = name === 'node:http2';
    let service;

    before(async () => {
      service = await listen(await create(live, { logger }));
    });
    after(() => service.close());

    const send = (path, { method, origin = ORIGIN, ...headers } = {}) => {
      const fields = { ...headers, ...(origin && { origin }) };
      return (isHttp2 ? ask2 : ask)(service.port, { method, path, headers: fields });
    };
    const preflight = (path, headers = {}) =>
      send(path, {
        method: 'OPTIONS',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-token',
        ...headers,
      });

    it('lets the app read an answer, and keeps its other fields', async () => {
      const answer = await send('/app/item');
      assert.equal(answer.status, 200);
      assert.equal(answer.body, 'item');
      assert.deepEqual(answer.cors, ALLOWED);
      assert.deepEqual(answer.all('etag'), ['"1"']);
      assert.deepEqual(answer.all('set-cookie'), ['a=1', 'b=2']);
    });

    // expressjs/cors#92: a denied origin is no error of the server. #106, #330: nor is it a reason to
    // leave `Vary` out, or to send it where nothing varies (hono#4471).
    it('denies without failing, and varies when the answer does', async () => {
      const denied = await send('/app/item', { origin: EVIL });
      assert.equal(denied.status, 200);
      assert.equal(denied.body, 'item');
      assert.deepEqual(denied.cors, { vary: 'Origin' });
      assert.deepEqual((await send('/app/item', { origin: '' })).cors, { vary: 'Origin' });
      assert.deepEqual((await send('/open/item', { origin: EVIL })).cors, {
        'access-control-allow-origin': '*',
      });
    });

    // fastify-cors#102, #281, nest#1134, inversify#1837: neither authentication nor a missing route
    // sees a preflight.
    for (const path of ['/app/item', '/app/private', '/app/missing', '/app/throw']) {
      it(`answers the preflight of ${path} by itself`, async () => {
        const answer = await preflight(path);
        assert.equal(answer.status, 204);
        assert.equal(answer.body, '');
        assert.deepEqual(answer.cors, {
          'access-control-allow-origin': ORIGIN,
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': 'PUT',
          'access-control-allow-headers': 'x-token',
          'access-control-max-age': '600',
          vary: PREFLIGHT_VARY,
        });
        assert.deepEqual(answer.all('content-length'), []);
      });
    }

    it('denies a preflight with 403 and no reason', async () => {
      for (const headers of [
        { origin: EVIL },
        { 'access-control-request-method': 'DELETE' },
        { 'access-control-request-headers': 'x-evil' },
        { 'access-control-request-method': '' },
      ]) {
        const answer = await preflight('/app/item', headers);
        assert.equal(answer.status, 403);
        assert.equal(answer.body, '');
        assert.deepEqual(answer.cors, { vary: PREFLIGHT_VARY });
        assert.deepEqual(answer.all('content-length'), ['0']);
      }
    });

    it('lets a page read a 401, a 404 and a 500', async () => {
      for (const [path, status] of [
        ['/app/private', 401],
        ['/app/missing', 404],
        ['/app/throw', 500],
      ]) {
        // A handler of plain `node:http` that throws ends the process; see the tests of `wrap`.
        if (path === '/app/throw' && name.startsWith('node:')) continue;
        const answer = await send(path);
        assert.equal(answer.status, status);
        assert.deepEqual(answer.cors, ALLOWED, path);
      }
    });

    it('owns its fields, and merges Vary', async () => {
      assert.deepEqual((await send('/app/own')).cors, ALLOWED);
      assert.deepEqual((await send('/app/own', { origin: EVIL })).cors, { vary: 'Origin' });
      const vary = (await send('/app/vary')).all('vary').join(', ');
      assert.equal(vary, 'Accept-Encoding, Cookie, ORIGIN');
      assert.equal((await send('/app/star')).cors.vary, '*');
    });

    it('leaves alone what no rule governs', async () => {
      assert.deepEqual((await send('/plain')).cors, {
        'access-control-allow-origin': 'https://own.example',
      });
      assert.notEqual((await preflight('/plain')).status, 204);
    });

    // Each reaches, or may reach, a handler below /app, or that of a path with another rule.
    it('goes by the path of the handler, or sends nothing', async () => {
      for (const path of [
        '/%61pp/item',
        '/APP/item',
        '/app%2fitem',
        '/open/../app/item',
        '/open/%2e%2e/app/item',
        '/open/..%2fapp/item',
        '/open/x/../../app/item',
        '/%6fpen/../app/item',
        '/open%2Fitem',
      ]) {
        const { cors } = await send(path, { origin: EVIL });
        assert.equal(cors['access-control-allow-origin'], undefined, path);
      }
      assert.deepEqual((await send('/app/item?x=/open/item#/open/item')).cors, ALLOWED);
    });

    it('logs a denial once, and never in the answer', async () => {
      const origin = 'https://logged.example';
      const from = logger.lines.length;
      await send('/app/item', { origin });
      await send('/app/item', { origin });
      await send('/app/missing', { origin });
      const answer = await preflight('/app/item', { origin });
      assert.deepEqual(logger.lines.slice(from), [
        'warn: onecors: denied the request of "https://logged.example" to rule "app" (origin_not_allowed)',
        'warn: onecors: denied the preflight of "https://logged.example" to rule "app" (origin_not_allowed)',
      ]);
      assert.equal(JSON.stringify(answer).includes('origin_not_allowed'), false);
    });

    it('survives hostile fields', async () => {
      for (const origin of ['null', 'x'.repeat(8000), `${ORIGIN}, ${EVIL}`, '\u00ff\u0080']) {
        const answer = await send('/app/item', { origin });
        assert.equal(answer.status, 200);
        assert.deepEqual(answer.cors, { vary: 'Origin' }, origin);
        assert.equal((await preflight('/app/item', { origin })).status, 403);
      }
    });

    it('goes by the policy in force', async () => {
      const first = live.current;
      live.replace({ allowOrigins: [EVIL] });
      try {
        const { cors } = await send('/app/item', { origin: EVIL });
        assert.equal(cors['access-control-allow-origin'], EVIL);
        assert.deepEqual((await send('/app/item')).cors, { vary: 'Origin' });
      } finally {
        live.replace(first);
      }
      assert.deepEqual((await send('/app/item')).cors, ALLOWED);
    });
  });
}

it('takes a policy, and nothing else', () => {
  const { cors, wrap } = require('onecors/http');
  for (const wrong of [undefined, {}, { allowOrigins: ['*'] }, 'policy.json']) {
    assert.throws(() => cors(wrong), {
      name: 'TypeError',
      message: /must be a Policy or a LivePolicy/,
    });
    assert.throws(() => wrap({ emit() {} }, wrong), TypeError);
  }
});
