'use strict';
// The same small application in every framework, with the adapter as its users would put it there.

const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const { LivePolicy, Policy } = require('onecors');
const { ORIGIN } = require('./helpers.js');

/** Everyone may read `/open/*`; only the app, with cookies, what is below `/app`. */
const POLICY = {
  rules: [
    {
      name: 'app',
      paths: ['/app/*'],
      allowOrigins: [ORIGIN, 'https://*.tenant.example.org'],
      allowCredentials: true,
      allowMethods: ['PUT'],
      allowHeaders: ['x-token'],
      exposeHeaders: ['etag'],
      maxAge: 600,
    },
    { name: 'open', paths: ['/open/*'], allowOrigins: ['*'] },
  ],
};

/** Collects what an adapter logs. */
function recorder() {
  const lines = [];
  const at = (level) => (message) => lines.push(`${level}: ${message}`);
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

/** Routes in the form that Express, Connect and Koa's handlers below share. */
const OWN = {
  'Access-Control-Allow-Origin': 'https://wrong.example',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': 'x-own',
  'Access-Control-Max-Age': '1',
};

function handleNode(request, response, path) {
  switch (path) {
    case '/app/item':
      response.setHeader('ETag', '"1"');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      return response.end('item');
    case '/app/own':
      response.writeHead(200, OWN);
      return response.end('own');
    case '/app/vary':
      response.setHeader('Vary', ['Accept-Encoding', 'Cookie, ORIGIN']);
      return response.end('vary');
    case '/app/star':
      response.setHeader('Vary', '*');
      return response.end('star');
    case '/app/throw':
      throw new Error('thrown on purpose');
    case '/open/item':
      return response.end('open');
    case '/plain':
      response.setHeader('Access-Control-Allow-Origin', 'https://own.example');
      return response.end('plain');
    default:
      response.statusCode = 404;
      return response.end('none');
  }
}

function nodeHttp({ wrap }, policy, options) {
  const server = http.createServer((request, response) => {
    if (authenticate(request)) {
      return response.writeHead(401).end();
    }
    return handleNode(request, response, request.url);
  });
  return wrap(server, policy, options);
}

function nodeHttp2({ wrap }, policy, options) {
  const server = http2.createServer((request, response) => {
    if (authenticate(request)) {
      response.statusCode = 401;
      return response.end();
    }
    return handleNode(request, response, request.url);
  });
  return wrap(server, policy, options);
}

function connect({ cors }, policy, options) {
  const app = require('connect')();
  app.use(cors(policy, options));
  app.use((request, response, next) => {
    if (authenticate(request)) response.writeHead(401).end();
    else next();
  });
  app.use((request, response, next) => {
    if (request.url === '/app/missing') next();
    else handleNode(request, response, request.url);
  });
  return http.createServer(app);
}

/** The first three arguments are bound below, so that both versions of Express share this. */
function express(name, { cors }, policy, options) {
  const app = require(name)();
  app.set('env', 'test');
  app.use(cors(policy, options));
  app.use((request, response, next) => {
    if (authenticate(request)) response.sendStatus(401);
    else next();
  });
  const routes = ['item', 'own', 'vary', 'star', 'throw'].map((route) => `/app/${route}`);
  app.get([...routes, '/open/item', '/plain'], (request, response) => {
    handleNode(request, response, request.path);
  });
  return http.createServer(app);
}

function koa({ cors }, policy, options) {
  const Koa = require('koa');
  const app = new Koa();
  app.silent = true;
  app.use(cors(policy, options));
  app.use(async (context, next) => {
    context.assert(!authenticate(context), 401);
    await next();
  });
  app.use((context) => {
    switch (context.path) {
      case '/app/item':
        context.set('ETag', '"1"');
        context.set('Set-Cookie', ['a=1', 'b=2']);
        context.body = 'item';
        break;
      case '/app/own':
        context.set(OWN);
        context.body = 'own';
        break;
      case '/app/vary':
        context.set('Vary', ['Accept-Encoding', 'Cookie, ORIGIN']);
        context.body = 'vary';
        break;
      case '/app/star':
        context.set('Vary', '*');
        context.body = 'star';
        break;
      case '/app/throw':
        throw new Error('thrown on purpose');
      case '/open/item':
        context.body = 'open';
        break;
      case '/plain':
        context.set('Access-Control-Allow-Origin', 'https://own.example');
        context.body = 'plain';
    }
  });
  return http.createServer(app.callback());
}

async function fastify({ cors }, policy, options) {
  const app = require('fastify')({ logger: false });
  // Registered before the plugin, and in front of routes in a scope of their own.
  app.addHook('onRequest', async (request, reply) => {
    if (authenticate(request)) await reply.code(401).send();
  });
  await app.register(async (scope) => {
    scope.get('/app/vary', (request, reply) =>
      reply.header('Vary', ['Accept-Encoding', 'Cookie, ORIGIN']).send('vary'),
    );
    scope.get('/app/star', (request, reply) => reply.header('Vary', '*').send('star'));
  });
  app.register(cors, { policy, ...options });
  app.get('/app/item', (request, reply) =>
    reply.headers({ ETag: '"1"', 'Set-Cookie': ['a=1', 'b=2'] }).send('item'),
  );
  app.get('/app/own', (request, reply) => reply.headers(OWN).send('own'));
  app.get('/app/throw', () => {
    throw new Error('thrown on purpose');
  });
  app.get('/open/item', (request, reply) => reply.send('open'));
  app.get('/plain', (request, reply) =>
    reply.header('Access-Control-Allow-Origin', 'https://own.example').send('plain'),
  );
  await app.ready();
  return app.server;
}

function handleFetch(request) {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case '/app/item':
      return new Response('item', {
        headers: [
          ['ETag', '"1"'],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
      });
    case '/app/own':
      return new Response('own', { headers: OWN });
    case '/app/vary':
      return new Response('vary', {
        headers: [
          ['Vary', 'Accept-Encoding'],
          ['Vary', 'Cookie, ORIGIN'],
        ],
      });
    case '/app/star':
      return new Response('star', { headers: { Vary: '*' } });
    case '/app/throw':
      throw new Error('thrown on purpose');
    case '/open/item':
      return new Response('open');
    case '/plain':
      return new Response('plain', {
        headers: { 'Access-Control-Allow-Origin': 'https://own.example' },
      });
    default:
      return new Response('none', { status: 404 });
  }
}

function serveFetch(fetch) {
  const { createAdaptorServer } = require('@hono/node-server');
  return createAdaptorServer({ fetch, overrideGlobalObjects: false });
}

function fetchHandler({ cors }, policy, options) {
  const handler = (request) =>
    authenticate(request) ? new Response(null, { status: 401 }) : handleFetch(request);
  return serveFetch(cors(policy, options)(handler));
}

function hono({ cors }, policy, options) {
  const { Hono } = require('hono');
  const app = new Hono();
  app.use(cors(policy, options));
  app.use(async (context, next) => {
    if (authenticate(context.req.raw)) return context.body(null, 401);
    await next();
  });
  app.onError((error, context) => context.text('failed', 500));
  for (const route of ['/app/:name', '/open/item', '/plain']) {
    app.get(route, (context, next) =>
      context.req.path === '/app/missing' ? next() : handleFetch(context.req.raw),
    );
  }
  return serveFetch(app.fetch);
}

/** Whether a request is refused: those of `/app/private` without a token, `OPTIONS` too. */
function authenticate({ url, headers }) {
  const token = headers.get?.('authorization') ?? headers.authorization;
  return url.endsWith('/app/private') && token !== 'Bearer token';
}

const httpAdapter = () => require('onecors/http');

const FRAMEWORKS = {
  'node:http': (...rest) => nodeHttp(httpAdapter(), ...rest),
  'node:http2': (...rest) => nodeHttp2(httpAdapter(), ...rest),
  'Connect 3': (...rest) => connect(httpAdapter(), ...rest),
  'Express 4': (...rest) => express('express4', httpAdapter(), ...rest),
  'Express 5': (...rest) => express('express', httpAdapter(), ...rest),
  'Koa 3': (...rest) => koa(require('onecors/koa'), ...rest),
  'Fastify 5': (...rest) => fastify(require('onecors/fastify'), ...rest),
  fetch: (...rest) => fetchHandler(require('onecors/fetch'), ...rest),
  'Hono 4': (...rest) => hono(require('onecors/hono'), ...rest),
};

/** Listens on a free port of loopback until `close`, which ends all connections. */
async function listen(server) {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  return { port, close };
}

/**
 * Sends a request, and answers with the status, the body, and the lines of the header in lower case.
 * `headers` may have a list of values for a name; `path` goes out as it is.
 */
async function ask(port, { method = 'GET', path, headers = {} }) {
  const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  request.end();
  const [response] = await once(request, 'response');
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += chunk;
  return new Answer(response.statusCode, body, linesOf(response.rawHeaders));
}

/** As {@link ask}, by HTTP/2 with prior knowledge. */
async function ask2(port, { method = 'GET', path, headers = {} }) {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({ ...headers, ':method': method, ':path': path });
    const [response, , raw] = await once(stream, 'response');
    let body = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream) body += chunk;
    const lines = raw ?? Object.entries(response).flatMap(([name, value]) => [name, String(value)]);
    return new Answer(response[':status'], body, linesOf(lines));
  } finally {
    session.destroy();
  }
}

function linesOf(raw) {
  const lines = [];
  for (let index = 0; index < raw.length; index += 2) {
    lines.push([raw[index].toLowerCase(), raw[index + 1]]);
  }
  return lines;
}

class Answer {
  constructor(status, body, lines) {
    this.status = status;
    this.body = body;
    this.lines = lines;
  }

  /** The values of a field, one for each line. */
  all(name) {
    return this.lines.filter(([field]) => field === name).map(([, value]) => value);
  }

  /** What the answer says about CORS: every `Access-Control-*` line and `Vary`. */
  get cors() {
    const lines = this.lines.filter(([name]) => /^access-control-|^vary$/.test(name));
    return Object.fromEntries(
      [...new Set(lines.map(([name]) => name))].map((name) => [name, this.all(name).join(' AND ')]),
    );
  }
}

module.exports = { ask, ask2, FRAMEWORKS, listen, LivePolicy, Policy, POLICY, recorder };
