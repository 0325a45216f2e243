'use strict';
// What is particular to handlers of the Fetch API, and to Hono.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { Hono } = require('hono');
const { Policy } = require('onecors');
const fetchAdapter = require('onecors/fetch');
const honoAdapter = require('onecors/hono');
const { POLICY, recorder } = require('./adapters.js');
const { ORIGIN, runScript } = require('./helpers.js');

const EVIL = 'https://evil.example';
const policy = new Policy(POLICY);
const quiet = fetchAdapter.cors(policy, { logger: false });
const request = (path, { origin = ORIGIN, ...headers } = {}, method = 'GET') =>
  new Request(`http://api.example${path}`, { method, headers: { origin, ...headers } });
const allowed = (response) => response.headers.get('access-control-allow-origin');

describe('a fetch handler', () => {
  it('is a function', () => {
    const refused = { name: 'TypeError', message: /write cors\(policy\)\(app\.fetch\)/ };
    assert.throws(() => quiet(new Hono()), refused);
    assert.throws(() => quiet(undefined), refused);
  });

  // hono#1572, #1606, #963: responses of `fetch` and `Response.redirect` are immutable.
  it('may return a response that cannot be changed, or that it returns again', async () => {
    const shared = new Response(null, { status: 404, headers: { vary: 'Accept' } });
    for (const response of [Response.redirect('http://api.example/x', 302), shared]) {
      const before = [...response.headers];
      const handler = quiet(() => response);
      const answers = [
        await handler(request('/app/x')),
        await handler(request('/app/x', { origin: EVIL })),
        await handler(request('/app/x')),
      ];
      assert.deepEqual(answers.map(allowed), [ORIGIN, null, ORIGIN]);
      assert.deepEqual([...response.headers], before);
      assert.deepEqual(
        answers.map(({ status }) => status),
        Array(3).fill(response.status),
      );
    }
  });

  it('keeps status, text and body', async () => {
    const body = new Blob(['streamed']).stream();
    const handler = quiet(() => new Response(body, { status: 201, statusText: 'Made' }));
    const response = await handler(request('/app/x'));
    assert.deepEqual([response.status, response.statusText], [201, 'Made']);
    assert.equal(await response.text(), 'streamed');
  });

  it('gets what its server gives it beside the request', async () => {
    const handler = quiet((incoming, ...rest) => new Response(JSON.stringify(rest)));
    assert.equal(await (await handler(request('/app/x'), 1, { a: 2 })).text(), '[1,{"a":2}]');
  });

  it('that throws is answered with 500, and the error is logged', async () => {
    const logger = recorder();
    const { cors } = fetchAdapter;
    for (const handler of [
      () => {
        throw new Error('thrown on purpose');
      },
      () => Promise.reject(new Error('thrown on purpose')),
    ]) {
      const response = await cors(policy, { logger })(handler)(request('/app/x'));
      assert.equal(response.status, 500);
      assert.equal(allowed(response), ORIGIN);
      assert.equal(await response.text(), 'Internal Server Error\n');
    }
    assert.equal(logger.lines.length, 2);
    assert.match(logger.lines[0], /^error: Error: thrown on purpose\n {4}at /);
  });

  it('may throw where no rule governs', async () => {
    const error = new Error('thrown on purpose');
    const handler = quiet(() => Promise.reject(error));
    await assert.rejects(handler(request('/plain')), (thrown) => thrown === error);
  });

  it('may throw a response, or what Next.js throws to itself', async () => {
    const thrown = new Response('none', { status: 404 });
    const response = await quiet(() => Promise.reject(thrown))(request('/app/x'));
    assert.equal(response.status, 404);
    assert.equal(allowed(response), ORIGIN);
    const redirect = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;/x' });
    const handler = quiet(() => Promise.reject(redirect));
    await assert.rejects(handler(request('/app/x')), (error) => error === redirect);
  });

  it('may return what is no response, or an upgrade', async () => {
    // Bun and Deno do so for WebSockets; a 101 cannot be made by a constructor.
    const upgrade = Object.create(Response.prototype, {
      status: { value: 101 },
      headers: { value: new Headers() },
    });
    for (const result of [undefined, null, upgrade]) {
      assert.equal(await quiet(() => result)(request('/app/x')), result);
    }
  });

  it('does not see handshakes of other origins', async () => {
    const handler = quiet(() => new Response('opened'));
    const open = (origin, more) =>
      handler(request('/app/ws', { origin, upgrade: 'websocket', ...more }));
    assert.equal((await open(EVIL)).status, 403);
    assert.equal((await open('https://api.example.evil.example')).status, 403);
    for (const origin of [ORIGIN, 'http://api.example']) {
      assert.equal(await (await open(origin)).text(), 'opened');
    }
    assert.equal((await open('http://api.example', { host: 'other.example' })).status, 403);
  });

  it('does not see preflights', async () => {
    const handler = quiet(() => assert.fail('called'));
    const headers = { 'access-control-request-method': 'PUT' };
    const response = await handler(request('/app/x', headers, 'OPTIONS'));
    assert.equal(response.status, 204);
    assert.equal(response.body, null);
  });
});

describe('Hono', () => {
  const app = () => {
    const hono = new Hono();
    hono.use(honoAdapter.cors(policy, { logger: false }));
    return hono;
  };

  it('covers notFound, onError and middleware that answers', async () => {
    const hono = app();
    hono.notFound((context) => context.text('none', 404, { Vary: 'Accept' }));
    hono.onError((error, context) => context.text('failed', 500));
    hono.use('/app/closed', async (context) => context.text('closed', 401));
    hono.get('/app/throw', () => {
      throw new Error('thrown on purpose');
    });
    hono.get('/app/worse', () => {
      throw 'no error';
    });
    for (const [path, status] of [
      ['/app/none', 404],
      ['/app/closed', 401],
      ['/app/throw', 500],
      ['/app/worse', 500],
    ]) {
      const response = await hono.request(request(path));
      assert.equal(response.status, status);
      assert.equal(allowed(response), ORIGIN, path);
    }
    const { headers } = await hono.request(request('/app/none'));
    assert.equal(headers.get('vary'), 'Accept, Origin');
  });

  // hono#4471, #5159
  it('merges Vary, and sends it only where the answer varies', async () => {
    const hono = app();
    hono.get('/:rule/x', (context) => {
      context.header('Vary', 'Accept');
      context.header('Vary', 'origin', { append: true });
      context.header('Access-Control-Allow-Origin', 'https://wrong.example');
      context.header('Set-Cookie', 'a=1', { append: true });
      context.header('Set-Cookie', 'b=2', { append: true });
      return context.text('x');
    });
    const { headers } = await hono.request(request('/app/x'));
    assert.equal(headers.get('vary'), 'Accept, origin');
    assert.equal(headers.get('access-control-allow-origin'), ORIGIN);
    assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2']);
    const open = await hono.request(request('/open/x'));
    assert.equal(allowed(open), '*');
    assert.equal(open.headers.get('vary'), 'Accept, origin');
    assert.equal((await hono.request(request('/open/none'))).headers.get('vary'), null);
  });

  it('is wholly behind the handler form', async () => {
    const hono = new Hono().basePath('/app');
    hono.get('/x', (context) => context.text('x'));
    const handler = quiet(hono.fetch);
    assert.equal(allowed(await handler(request('/app/x'))), ORIGIN);
    assert.equal(allowed(await handler(request('/app/none'))), ORIGIN);
  });

  it('doubles nothing when both forms are used', async () => {
    const hono = app();
    hono.get('/app/x', (context) => context.text('x'));
    const response = await quiet(hono.fetch)(request('/app/x'));
    assert.equal(allowed(response), ORIGIN);
    assert.equal(response.headers.get('vary'), 'Origin');
  });
});

// vercel/next.js#63948: Next.js answers `OPTIONS` itself, and no handler hears of it.
describe('inside Next.js', () => {
  /** What is logged when a server answers preflights of these paths as Next.js does, or as told. */
  function logged(adapter, paths, { runtime = 'nodejs', origin = ORIGIN, fields = {} } = {}) {
    const { stdout, stderr } = runScript(
      `
      const http = require('node:http');
      const { Policy } = require('onecors');
      const { cors } = require('onecors/${adapter}');
      const adapters = [1, 2].map(() => cors(new Policy(${JSON.stringify(POLICY)})));
      const server = http.createServer((request, response) => {
        response.statusCode = 204;
        const fields = { allow: 'GET, HEAD, OPTIONS', ...${JSON.stringify(fields)} };
        for (const [name, value] of Object.entries(fields)) if (value) response.setHeader(name, value);
        response.end();
      });
      server.listen(0, '127.0.0.1', async () => {
        const { port } = server.address();
        for (const path of ${JSON.stringify(paths)}) {
          const headers = {
            origin: ${JSON.stringify(origin)},
            'access-control-request-method': 'PUT',
          };
          await new Promise((resolve) => {
            const request = http.request({ port, path, method: 'OPTIONS', headers, agent: false });
            request.on('response', (response) => response.resume().on('end', resolve)).end();
          });
        }
        server.close();
      });`,
      { env: { NEXT_RUNTIME: runtime } },
    );
    assert.equal(stdout, '');
    return stderr.split('\n').filter(Boolean);
  }

  for (const adapter of ['fetch', 'hono']) {
    it(`says once that a preflight went past it: ${adapter}`, () => {
      const lines = logged(adapter, ['/app/x?y', '/app/x', '/app/"%C2%9B\\']);
      assert.deepEqual(lines, [
        'onecors: Next.js answered the preflight of "/app/x" itself, without CORS headers, so ' +
          'browsers refuse it: export OPTIONS from the route too, as ' +
          'export const OPTIONS = on(handler)',
        lines[0].replace('/app/x', '/app/\\"?\\\\'),
      ]);
    });
  }

  it('says nothing of other answers', () => {
    const path = '/app/x';
    assert.deepEqual(logged('fetch', [path], { runtime: '' }), []);
    assert.deepEqual(logged('fetch', [path], { runtime: 'edge' }), []);
    assert.deepEqual(logged('fetch', [path], { origin: EVIL }), []);
    assert.deepEqual(logged('fetch', ['/plain']), []);
    const own = { 'access-control-allow-origin': ORIGIN };
    assert.deepEqual(logged('fetch', [path], { fields: own }), []);
    assert.deepEqual(logged('fetch', [path], { fields: { allow: null } }), []);
  });

  it('says it of a bounded number of paths', () => {
    const paths = Array.from({ length: 20 }, (_, index) => `/app/${index}`);
    assert.equal(logged('fetch', paths).length, 8);
  });
});
