'use strict';
// Where middleware of node:http ends, and what `wrap` reaches beyond it.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');
const { afterEach, describe, it } = require('node:test');
const { Policy } = require('onecors');
const { cors, wrap } = require('onecors/http');
const { WebSocket, WebSocketServer } = require('ws');
const { ask, ask2, listen, POLICY, recorder } = require('./adapters.js');
const { ORIGIN, runScript } = require('./helpers.js');

const EVIL = 'https://evil.example';
const policy = new Policy(POLICY);
const quiet = { logger: false };

let service;
afterEach(() => service?.close().then(() => (service = undefined)));

/** Serves a handler behind the middleware, and asks for a path below `/app` from the app. */
async function answerOf(handler, { path = '/app/x', headers = { origin: ORIGIN } } = {}) {
  const middleware = cors(policy, quiet);
  const server = http.createServer((request, response) => {
    middleware(request, response, () => handler(request, response));
  });
  service = await listen(server);
  return ask(service.port, { path, headers });
}

describe('writeHead', () => {
  const FORMS = {
    'an object': [200, { 'X-A': '1', 'Access-Control-Allow-Origin': '*', Vary: 'Accept' }],
    'a message and an object': [200, 'Fine', { 'X-A': '1', vary: 'Accept' }],
    'no message and an object': [200, undefined, { 'X-A': '1', vary: 'Accept' }],
    'names and values': [200, ['X-A', '1', 'access-control-max-age', '1', 'Vary', 'Accept']],
    'a message, names and values': [200, 'Fine', ['X-A', '1', 'VARY', 'Accept']],
    pairs: [
      200,
      [
        ['X-A', '1'],
        ['Vary', 'Accept'],
      ],
    ],
  };
  for (const [form, values] of Object.entries(FORMS)) {
    for (const before of [false, true]) {
      it(`takes ${form}${before ? ' after setHeader' : ''}`, async () => {
        const answer = await answerOf((request, response) => {
          if (before)
            response.setHeader('Access-Control-Allow-Methods', 'PUT').setHeader('X-A', '0');
          response.writeHead(...values).end('x');
        });
        assert.deepEqual(answer.cors, {
          'access-control-allow-origin': ORIGIN,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'etag',
          vary: 'Accept, Origin',
        });
        assert.deepEqual(answer.all('x-a'), ['1']);
      });
    }
  }

  it('keeps lines that are given twice', async () => {
    const answer = await answerOf((request, response) => {
      response.writeHead(200, ['Set-Cookie', 'a=1', 'X-A', '1', 'set-cookie', 'b=2']).end();
    });
    assert.deepEqual(answer.all('set-cookie'), ['a=1', 'b=2']);
  });

  it('throws what it threw before', async () => {
    const errors = [];
    const answer = await answerOf((request, response) => {
      const codeOf = (call) => {
        try {
          call();
          return 'none';
        } catch (error) {
          return error.code;
        }
      };
      errors.push(codeOf(() => response.writeHead(99)));
      errors.push(codeOf(() => response.writeHead(200, ['X-A'])));
      errors.push(codeOf(() => response.writeHead(200, { 'X-A': 'a\nb' })));
      errors.push(codeOf(() => response.writeHead(200, { 'X-A': undefined })));
      response.writeHead(201);
      errors.push(codeOf(() => response.writeHead(200)));
      response.end();
    });
    assert.deepEqual(errors, [
      'ERR_HTTP_INVALID_STATUS_CODE',
      'ERR_INVALID_ARG_VALUE',
      'ERR_INVALID_CHAR',
      'ERR_HTTP_INVALID_HEADER_VALUE',
      'ERR_HTTP_HEADERS_SENT',
    ]);
    assert.equal(answer.status, 201);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
  });

  it('is reached by whatever starts a response', async () => {
    for (const start of [
      (response) => response.end(),
      (response) => response.write('x'),
      (response) => response.flushHeaders(),
      (response) => response.writeHead(200),
    ]) {
      const answer = await answerOf((request, response) => {
        start(response);
        response.end();
      });
      assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
      await service.close();
    }
    service = undefined;
  });
});

describe('two adapters', () => {
  const serve = async (first, second, logger) => {
    const inner = cors(second, { logger });
    const server = http.createServer((request, response) => {
      inner(request, response, () => response.end());
    });
    service = await listen(wrap(server, first, quiet));
    return ask(service.port, { path: '/app/x', headers: { origin: ORIGIN } });
  };

  it('with one policy double nothing', async () => {
    const logger = recorder();
    const answer = await serve(policy, policy, logger);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    assert.equal(answer.cors.vary, 'Origin');
    assert.deepEqual(logger.lines, []);
  });

  // expressjs/cors#135
  it('with two policies: the outer one decides, and the inner one says so once', async () => {
    const logger = recorder();
    const { cors: fields } = await serve(policy, new Policy({ allowOrigins: ['*'] }), logger);
    assert.equal(fields['access-control-allow-origin'], ORIGIN);
    await ask(service.port, { path: '/app/x' });
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0], /^warn: onecors: there is a second adapter with another policy/);
  });
});

describe('the path', () => {
  it('is the one that the client sees, under a mount', async () => {
    for (const name of ['express', 'express4', 'connect']) {
      const app = require(name)();
      app.use('/app', cors(policy, quiet));
      app.use((request, response) => response.end());
      service = await listen(http.createServer(app));
      const answer = await ask(service.port, { path: '/app/x', headers: { origin: ORIGIN } });
      assert.equal(answer.cors['access-control-allow-origin'], ORIGIN, name);
      await service.close();
    }
    service = undefined;
  });

  it('is found in the absolute form of a target', async () => {
    const headers = { origin: ORIGIN };
    for (const [path, allowed] of [
      ['http://any.example/app/x?y', true],
      ['HTTPS://any.example:1/app/x#z', true],
      ['http://any.example/open/../app/x', false],
      ['http://any.example?/app/x', false],
      ['ftp://any.example/app/x', false],
    ]) {
      const answer = await answerOf((request, response) => response.end(), { path, headers });
      assert.equal(answer.cors['access-control-allow-origin'] === ORIGIN, allowed, path);
      await service.close();
    }
    service = undefined;
  });

  it('has no other rule by case or a last slash, unless the routers are exact', async () => {
    const overlapping = new Policy({
      rules: [
        { paths: ['/*'], allowOrigins: ['*'] },
        { paths: ['/admin/*', '/exact'], allowOrigins: [ORIGIN], allowCredentials: true },
      ],
    });
    const logger = recorder();
    const ends = (request, response) => response.end();
    for (const [options, granted] of [
      [{ logger }, undefined],
      [{ logger, exactRouting: true }, '*'],
    ]) {
      service = await listen(wrap(http.createServer(ends), overlapping, options));
      for (const path of ['/ADMIN/x', '/admin;x=1/y', '/exact/', '/EXACT']) {
        const answer = await ask(service.port, { path, headers: { origin: EVIL } });
        assert.equal(answer.cors['access-control-allow-origin'], granted, path);
      }
      for (const path of ['/%61dmin/x', '//admin/x', '/\\admin/x', '/exac%74', '/exact#x']) {
        const answer = await ask(service.port, { path, headers: { origin: EVIL } });
        assert.equal(answer.cors['access-control-allow-origin'], undefined, path);
      }
      for (const path of ['/', '/Open/x/', '/a//b', '/caf%C3%A9']) {
        const answer = await ask(service.port, { path, headers: { origin: EVIL } });
        assert.equal(answer.cors['access-control-allow-origin'], '*', path);
      }
      await service.close();
    }
    service = undefined;
    assert.equal(logger.lines.filter((line) => line.includes('exactRouting')).length, 1);
  });

  it('has its characters beyond ASCII as such', async () => {
    const cafe = new Policy({ rules: [{ paths: ['/café/*'], allowOrigins: [ORIGIN] }] });
    service = await listen(
      wrap(
        http.createServer((request, response) => response.end()),
        cafe,
        quiet,
      ),
    );
    const headers = { origin: ORIGIN };
    const answer = await ask(service.port, { path: '/caf%c3%A9/x', headers });
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    assert.deepEqual((await ask(service.port, { path: '/caf%E9/x', headers })).cors, {});
  });
});

describe('wrap', () => {
  it('answers 500 for a handler that throws, and passes the exception on', () => {
    const { stdout } = runScript(`
      const http = require('node:http');
      const { Policy } = require('onecors');
      const { wrap } = require('onecors/http');
      const server = http.createServer((request, response) => {
        response.setHeader('X-Before', '1');
        throw new Error('thrown on purpose');
      });
      wrap(server, new Policy({ allowOrigins: ['${ORIGIN}'] }));
      process.on('uncaughtException', ({ message }) => console.log(message));
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const response = await fetch(url, { headers: { origin: '${ORIGIN}' } });
        const field = (name) => response.headers.get(name);
        console.log(response.status, field('access-control-allow-origin'), field('x-before'));
        console.log(await response.text());
        process.exit();
      });`);
    assert.equal(stdout, `thrown on purpose\n500 ${ORIGIN} null\nInternal Server Error\n\n`);
  });

  it('covers the 500 of captured rejections', () => {
    const { stdout } = runScript(`
      require('node:events').captureRejections = true;
      const http = require('node:http');
      const { Policy } = require('onecors');
      const { wrap } = require('onecors/http');
      const server = http.createServer(async () => { throw new Error('rejected'); });
      wrap(server, new Policy({ allowOrigins: ['${ORIGIN}'] }));
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const { status, headers } = await fetch(url, { headers: { origin: '${ORIGIN}' } });
        console.log(status, headers.get('access-control-allow-origin'));
        process.exit();
      });`);
    assert.equal(stdout, `500 ${ORIGIN}\n`);
  });

  it('stands in front of checkContinue', async () => {
    const server = http.createServer();
    server.on('checkContinue', (request, response) => response.writeHead(401).end());
    service = await listen(wrap(server, policy, quiet));
    const headers = { origin: ORIGIN, expect: '100-continue' };
    const answer = await ask(service.port, { method: 'POST', path: '/app/x', headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
  });

  it('goes in front of listeners that are there before and after', async () => {
    const calls = [];
    const server = http.createServer(() => calls.push('before'));
    wrap(server, policy, quiet);
    server.prependListener('request', () => calls.push('after'));
    service = await listen(server);
    const headers = { origin: ORIGIN, 'access-control-request-method': 'PUT' };
    assert.equal(
      (await ask(service.port, { method: 'OPTIONS', path: '/app/x', headers })).status,
      204,
    );
    assert.deepEqual(calls, []);
  });

  it('does the same over HTTP/2', async () => {
    const server = http2.createServer((request, response) => {
      response.writeHead(404, { 'x-a': '1', vary: 'Accept' });
      response.end('none');
    });
    service = await listen(wrap(server, policy, quiet));
    const answer = await ask2(service.port, { path: '/app/x', headers: { origin: ORIGIN } });
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.all('x-a'), ['1']);
    assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    assert.equal(answer.cors.vary, 'Accept, Origin');
  });
});

describe('WebSocket', () => {
  /** Opens a socket; answers `open`, or the status of the refusal. */
  function open(port, { path = '/app/ws', origin, host } = {}) {
    const headers = { ...(origin && { origin }), ...(host && { host }) };
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    return new Promise((resolve) => {
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      socket.on('error', () => undefined);
    });
  }

  it('opens for allowed origins, the same origin, and none', async () => {
    const logger = recorder();
    const server = wrap(http.createServer(), policy, { logger });
    new WebSocketServer({ server });
    service = await listen(server);
    const { port } = service;
    assert.equal(await open(port), 'open');
    assert.equal(await open(port, { origin: ORIGIN }), 'open');
    assert.equal(await open(port, { origin: 'https://a.tenant.example.org' }), 'open');
    assert.equal(await open(port, { origin: `http://127.0.0.1:${port}` }), 'open');
    assert.equal(await open(port, { origin: 'https://api.example', host: 'api.example' }), 'open');
    assert.equal(await open(port, { origin: EVIL, path: '/ungoverned' }), 'open');
    assert.deepEqual(logger.lines, []);
  });

  // awslabs/cli-agent-orchestrator#533
  it('is refused to all others, and logged', async () => {
    const logger = recorder();
    const server = wrap(http.createServer(), policy, { logger });
    let opened = 0;
    new WebSocketServer({ server }).on('connection', () => (opened += 1));
    service = await listen(server);
    const { port } = service;
    assert.equal(await open(port, { origin: EVIL }), 403);
    assert.equal(await open(port, { origin: EVIL }), 403);
    assert.equal(await open(port, { origin: 'null' }), 403);
    assert.equal(await open(port, { origin: `${ORIGIN}, ${EVIL}` }), 403);
    assert.equal(await open(port, { origin: `http://127.0.0.1:${port}.evil.example` }), 403);
    for (const path of ['/%61pp/ws', '/APP/ws', '/app%2Fws', '//app/ws', '/app;x=1/ws', '/app/']) {
      assert.equal(await open(port, { origin: EVIL, path }), 403, path);
    }
    assert.equal(opened, 0);
    assert.equal(logger.lines.filter((line) => line.includes(EVIL)).length, 2);
    assert.match(
      logger.lines[0],
      /^warn: onecors: denied the request of "https:\/\/evil\.example"/,
    );
  });

  it('is refused in every spelling of the upgrade, and other upgrades are not', async () => {
    const server = wrap(http.createServer(), policy, quiet);
    server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 418 Upgraded\r\n\r\n'));
    service = await listen(server);
    const statusOf = async (method, upgrade) => {
      const socket = net.connect(service.port, '127.0.0.1');
      const lines = [`${method} /app/ws HTTP/1.1`, 'Host: x', 'Connection: upgrade'];
      socket.write(`${[...lines, `Upgrade: ${upgrade}`, `Origin: ${EVIL}`].join('\r\n')}\r\n\r\n`);
      const [start] = await once(socket, 'data');
      socket.destroy();
      return start.toString().split(' ')[1];
    };
    for (const upgrade of ['websocket', 'WebSocket', 'h2c, WEBSOCKET', 'websocket , x']) {
      assert.equal(await statusOf('GET', upgrade), '403', upgrade);
    }
    for (const upgrade of ['h2c', 'websockets', 'x-websocket']) {
      assert.equal(await statusOf('GET', upgrade), '418', upgrade);
    }
  });

  it('is refused where an application sees the handshake as a request', async () => {
    // So do express-ws and @fastify/websocket.
    const app = require('express')();
    app.use(cors(policy, quiet));
    app.use((request, response) => response.status(418).end());
    const server = http.createServer(app);
    server.on('upgrade', (request, socket) => {
      const response = new http.ServerResponse(request);
      response.assignSocket(socket);
      response.on('finish', () => socket.end());
      app(request, response);
    });
    service = await listen(server);
    assert.equal(await open(service.port, { origin: EVIL }), 403);
    assert.equal(await open(service.port, { origin: ORIGIN }), 418);
  });

  it('is refused over HTTP/2', async () => {
    const settings = { enableConnectProtocol: true };
    const server = http2.createServer({ settings }, (request, response) => response.end());
    server.on('connect', (request, response) => {
      response.writeHead(200);
      response.end();
    });
    service = await listen(wrap(server, policy, quiet));
    const session = http2.connect(`http://127.0.0.1:${service.port}`);
    await once(session, 'remoteSettings');
    const statusOf = async (origin) => {
      const stream = session.request({
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':path': '/app/ws',
        origin,
      });
      const [headers] = await once(stream, 'response');
      return headers[':status'];
    };
    assert.equal(await statusOf(EVIL), 403);
    assert.equal(await statusOf(ORIGIN), 200);
    assert.equal(await statusOf(`http://127.0.0.1:${service.port}`), 200);
    session.destroy();
  });
});

describe('a response of Express', () => {
  /** Calls what another layer has around `writeHead` first, as the package on-headers does. */
  function around(response) {
    const { writeHead } = response;
    response.writeHead = function (...values) {
      this.setHeader('Vary', 'Accept-Encoding');
      return writeHead.apply(this, values);
    };
  }

  for (const name of ['express', 'express4']) {
    const start = async (prepare) => {
      const app = require(name)();
      prepare(app);
      service = await listen(http.createServer(app));
      return (path = '/app/x') => ask(service.port, { path, headers: { origin: ORIGIN } });
    };

    it(`gets no property, and shares nothing with others: ${name}`, async () => {
      const own = [];
      const get = await start((app) => {
        app.use(cors(policy, quiet));
        app.use((request, response) => {
          own.push(Object.hasOwn(response, 'writeHead'));
          response.end();
        });
      });
      const allowed = await get();
      assert.equal(allowed.cors['access-control-allow-origin'], ORIGIN);
      assert.deepEqual((await get('/plain')).cors, {});
      assert.deepEqual(own, [false, false]);
      await service.close();
      const getElsewhere = await start((app) => {
        app.use((request, response) => response.end());
      });
      assert.deepEqual((await getElsewhere()).cors, {});
    });

    it(`is covered behind an application that is mounted: ${name}`, async () => {
      const get = await start((app) => {
        const mounted = require(name)();
        mounted.use(cors(policy, quiet));
        app.use('/app', mounted);
        app.use((request, response) => response.end());
      });
      const answer = await get();
      assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    });

    it(`is covered with another layer around it: ${name}`, async () => {
      for (const order of ['before', 'after']) {
        const get = await start((app) => {
          const other = (request, response, next) => {
            around(response);
            next();
          };
          if (order === 'before') app.use(other);
          app.use(cors(policy, quiet));
          if (order === 'after') app.use(other);
          app.use((request, response) => response.end());
        });
        const answer = await get();
        assert.equal(answer.cors['access-control-allow-origin'], ORIGIN, order);
        await service.close();
      }
      service = undefined;
    });

    it(`keeps the writeHead that its application has: ${name}`, async () => {
      let calls = 0;
      const get = await start((app) => {
        app.response.writeHead = function (...values) {
          calls += 1;
          return http.ServerResponse.prototype.writeHead.apply(this, values);
        };
        app.use(cors(policy, quiet));
        app.use((request, response) => response.end());
      });
      const answer = await get();
      assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
      assert.equal(calls, 1);
    });
  }
});

describe('the order in Express', () => {
  for (const name of ['express', 'express4']) {
    it(`is looked at: ${name}`, async () => {
      const express = require(name);
      const logger = recorder();
      const app = express();
      app.use(express.json());
      app.use(function authenticate(request, response, next) {
        next();
      });
      app.use(cors(policy, { logger }));
      app.use(function corsMiddleware(request, response) {
        response.end();
      });
      service = await listen(http.createServer(app));
      await ask(service.port, { path: '/plain' });
      await ask(service.port, { path: '/plain' });
      assert.deepEqual(logger.lines, [
        'warn: onecors: there is a second CORS middleware: remove it, because onecors replaces the headers that it sets',
        'warn: onecors: middleware before cors() can answer without CORS headers: jsonParser, ' +
          'authenticate; move app.use(cors(policy)) to the top, or wrap the server',
      ]);
    });

    it(`is right: ${name}`, async () => {
      const logger = recorder();
      const app = require(name)();
      app.use(cors(policy, { logger }));
      app.use((request, response) => response.end());
      service = await listen(http.createServer(app));
      await ask(service.port, { path: '/plain' });
      assert.deepEqual(logger.lines, []);
    });
  }

  it('passes over what Express 4 puts first itself, in a minified bundle too', async () => {
    const logger = recorder();
    const app = require('express4')();
    app.use(cors(policy, { logger }));
    for (const layer of app._router.stack.slice(0, 2)) layer.name = '<anonymous>';
    service = await listen(http.createServer(app));
    await ask(service.port, { path: '/plain' });
    assert.deepEqual(logger.lines, []);
  });
});

// Frameworks put a hook of their own in front, which cannot be moved.
describe('the order in NestJS', () => {
  const ALARM =
    'warn: onecors: middleware before cors() can answer without CORS headers: <anonymous>; ' +
    'move app.use(cors(policy)) to the top, or wrap the server';
  const ANOTHER =
    'warn: onecors: there is a second CORS middleware: remove it, because onecors replaces the headers that it sets';

  /** What is logged of an application whose `main.ts` does this before it listens. */
  async function logged(setUp, options) {
    const { Module } = await import('@nestjs/common');
    const { NestFactory } = await import('@nestjs/core');
    class Root {}
    Module({})(Root);
    const logger = recorder();
    const app = await NestFactory.create(Root, { logger: false, ...options });
    try {
      setUp(app, cors(policy, { logger }));
      await app.listen(0, '127.0.0.1');
      const answer = await ask(app.getHttpServer().address().port, {
        path: '/app/missing',
        headers: { origin: ORIGIN },
      });
      assert.equal(answer.cors['access-control-allow-origin'], ORIGIN);
    } finally {
      await app.close();
    }
    return logger.lines;
  }

  it('is right as documented', async () => {
    assert.deepEqual(await logged((app, ours) => app.use(ours)), []);
  });

  it('is wrong behind middleware of the service', async () => {
    const behind = (app, ours) => {
      app.use((request, response, next) => next());
      app.use(ours);
    };
    assert.deepEqual(await logged(behind), [ALARM]);
  });

  it('is wrong behind what an option of Nest answers with', async () => {
    const lines = await logged((app, ours) => app.use(ours), { return503OnClosing: true });
    assert.deepEqual(lines, [ALARM]);
  });

  it("is no place for Nest's own CORS as well", async () => {
    assert.deepEqual(await logged((app, ours) => app.use(ours), { cors: true }), [ANOTHER]);
    const both = (app, ours) => app.use(ours).enableCors();
    assert.deepEqual(await logged(both), [ANOTHER]);
  });
});

describe('the order in Feathers', () => {
  const logged = async (before) => {
    const { default: feathers } = await import('@feathersjs/express');
    const logger = recorder();
    const app = feathers(require('@feathersjs/feathers').feathers());
    if (before) app.use(before);
    app.use(cors(policy, { logger }));
    service = await listen(http.createServer(app));
    await ask(service.port, { path: '/missing' });
    return logger.lines;
  };

  it('is right as documented', async () => {
    assert.deepEqual(await logged(), []);
  });

  it('is wrong behind middleware of the service', async () => {
    const lines = await logged((request, response, next) => next());
    assert.equal(lines.length, 1);
    assert.match(lines[0], /without CORS headers: <anonymous>;/);
  });
});

describe('what is put in the wrong place', () => {
  const applications = {
    Express: () => require('express')(),
    'Express 4': () => require('express4')(),
    Connect: () => require('connect')(),
    Koa: () => new (require('koa'))(),
    "Koa's callback": () => new (require('koa'))().callback(),
    Fastify: () => require('fastify')(),
    'a handler': () => (request, response) => response.end(),
    nothing: () => undefined,
  };
  for (const [name, create] of Object.entries(applications)) {
    it(`says that wrap takes a server: ${name}`, () => {
      assert.throws(() => wrap(create(), policy), {
        name: 'TypeError',
        message: /^wrap takes a server, .* write wrap\(http\.createServer\(app\), policy\)/,
      });
    });
  }

  it('says what other frameworks take, at every request', async () => {
    const Koa = require('koa');
    const errors = [];
    const app = new Koa().on('error', ({ message }) => errors.push(message));
    app.use(cors(policy));
    service = await listen(http.createServer(app.callback()));
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await ask(service.port, { path: '/app/x' })).status, 500);
    }
    assert.equal(errors.length, 2);
    for (const message of errors) assert.match(message, /^cors from onecors\/http .* onecors\/koa/);
  });

  it('says to Fastify how it is registered', () => {
    const { stderr } = runScript(`
      const { Policy } = require('onecors');
      const { cors } = require('onecors/http');
      const app = require('fastify')();
      app.register(cors(new Policy({ allowOrigins: ['*'] })));
      app.ready();`);
    assert.match(
      stderr,
      /TypeError: cors from onecors\/http .* app\.register\(cors, \{ policy \}\)/,
    );
  });
});
