// The README's recipe for Next.js in a real Next.js, and the limits that the README says it has.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const FOLDER = process.env.OUT;
const NEXT = createRequire(join(FOLDER, 'package.json')).resolve('next/dist/bin/next');
const ORIGIN = 'https://app.example.com';
const EVIL = 'https://evil.example';
const PATIENCE_MS = 20_000;

const ALLOWED = {
  'access-control-allow-origin': ORIGIN,
  'access-control-allow-credentials': 'true',
};
const PREFLIGHT = {
  ...ALLOWED,
  'access-control-allow-methods': 'PUT',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '600',
};

/** A server on a free port of loopback. */
class Server {
  output = '';
  #process;
  #port;

  async start(folder, ...command) {
    this.#port = await freePort();
    const env = { ...process.env, PORT: String(this.#port), HOSTNAME: '127.0.0.1' };
    env.NEXT_TELEMETRY_DISABLED = '1';
    env.NODE_ENV = 'production';
    this.#process = spawn(process.execPath, command, { cwd: folder, env });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (chunk) => (this.output += chunk));
    }
    const end = Date.now() + PATIENCE_MS;
    while (!(await this.ask('/').catch(() => null))) {
      assert.ok(this.#process.exitCode === null && Date.now() < end, this.output);
      await delay(50);
    }
  }

  async stop() {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  /** The status of an answer, its fields of CORS, the tokens of `Vary` that are not of Next.js, and the rest. */
  async ask(path, { method = 'GET', origin = ORIGIN, ...headers } = {}) {
    const sent = request({
      host: '127.0.0.1',
      port: this.#port,
      path,
      method,
      headers: { origin, ...headers },
      agent: false,
    });
    sent.end();
    const [response] = await once(sent, 'response');
    response.resume();
    const fields = Object.entries(response.headers);
    return {
      status: response.statusCode,
      headers: response.headers,
      cors: Object.fromEntries(fields.filter(([name]) => name.startsWith('access-control-'))),
      varies: (response.headers.vary ?? '').split(/, */).includes('Origin'),
    };
  }

  preflight(path, { origin, asked = 'PUT' } = {}) {
    return this.ask(path, { method: 'OPTIONS', origin, 'access-control-request-method': asked });
  }

  /** Checks an answer: its status, and what it says of CORS. */
  async check(answering, status, cors, varies = true) {
    const answer = await answering;
    assert.deepEqual([answer.status, answer.cors, answer.varies], [status, cors, varies]);
    return answer;
  }
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server for the tests of a suite. */
function serving(...command) {
  const server = new Server();
  before(() => server.start(...command));
  after(() => server.stop());
  return server;
}

describe('a route handler', () => {
  const server = serving(FOLDER, NEXT, 'start', '--hostname', '127.0.0.1');

  it('answers preflights', async () => {
    await server.check(server.preflight('/items'), 204, PREFLIGHT);
    await server.check(server.preflight('/items', { origin: EVIL }), 403, {});
    await server.check(server.preflight('/items', { asked: 'PURGE' }), 403, {});
  });

  it('has the headers on its answers', async () => {
    for (const method of ['GET', 'HEAD']) {
      await server.check(server.ask('/items', { method }), 200, ALLOWED);
    }
    await server.check(server.ask('/items', { origin: EVIL }), 200, {});
    await server.check(server.ask('/items', { method: 'OPTIONS' }), 204, ALLOWED);
  });

  it('reaches nothing else', async () => {
    await server.check(server.ask('/items', { method: 'DELETE' }), 405, {}, false);
    await server.check(server.ask('/moved'), 307, {}, false);
    await server.check(server.ask('/items/'), 308, {}, false);
    await server.check(server.ask('/none'), 404, {}, false);
  });

  it('without OPTIONS leaves preflights to Next.js, which is logged', async () => {
    await server.check(server.preflight('/forgotten', { origin: EVIL }), 204, {}, false);
    for (let time = 0; time < 2; time += 1) {
      const { headers } = await server.check(server.preflight('/forgotten'), 204, {}, false);
      assert.equal(headers.allow, 'GET, HEAD, OPTIONS, PUT');
    }
    const advice = server.output.split('\n').filter((line) => line.includes('answered the preflight'));
    assert.equal(advice.length, 1, server.output);
    assert.match(advice[0], /^onecors: Next\.js .* "\/forgotten" .*export const OPTIONS = on\(/);
  });
});

describe('proxy.js', () => {
  const server = serving(FOLDER, NEXT, 'start', '--hostname', '127.0.0.1');

  it('answers preflights', async () => {
    for (const path of ['/api/item', '/api/none']) {
      await server.check(server.preflight(path), 204, PREFLIGHT);
      await server.check(server.preflight(path, { origin: EVIL }), 403, {});
    }
  });

  it('has the headers on all answers', async () => {
    const { headers } = await server.check(server.ask('/api/item'), 200, ALLOWED);
    assert.match(headers.vary, /Accept(,|$)/);
    await server.check(server.ask('/api/item', { origin: EVIL }), 200, {});
    await server.check(server.ask('/api/item', { method: 'DELETE' }), 405, ALLOWED);
    await server.check(server.ask('/api/moved'), 307, ALLOWED);
    const options = await server.check(server.ask('/api/item', { method: 'OPTIONS' }), 204, ALLOWED);
    assert.equal(options.headers.allow, 'GET, HEAD, OPTIONS, PUT');
    await server.check(server.ask('/api/own'), 200, ALLOWED);
  });

  it('leaves what a handler sets where the policy has nothing to set', async () => {
    const cors = { 'access-control-allow-origin': '*' };
    await server.check(server.ask('/api/own', { origin: EVIL }), 200, cors);
  });

  it('loses Vary on what Next.js renders', async () => {
    await server.check(server.ask('/api/page'), 200, ALLOWED, false);
    await server.check(server.ask('/api/none'), 404, ALLOWED, false);
  });

  it('does not see the redirect of a final slash', async () => {
    await server.check(server.ask('/api/item/'), 308, {}, false);
    await server.check(server.preflight('/api/item/'), 308, {}, false);
  });

  it('says nothing of what is right', () => {
    assert.doesNotMatch(server.output, /has answered the/);
  });
});

describe('wrap', () => {
  const server = serving(FOLDER, 'server.mjs');

  it('answers preflights', async () => {
    for (const path of ['/items', '/items/', '/forgotten', '/api/item', '/none', '/api/page']) {
      await server.check(server.preflight(path), 204, PREFLIGHT);
      await server.check(server.preflight(path, { origin: EVIL }), 403, {});
    }
  });

  it('has the headers on all answers', async () => {
    for (const [path, status] of [
      ['/items', 200],
      ['/api/item', 200],
      ['/moved', 307],
      ['/items/', 308],
      ['/api/page', 200],
      ['/api/none', 404],
      ['/none', 404],
      ['/api/own', 200],
    ]) {
      await server.check(server.ask(path), status, ALLOWED);
      await server.check(server.ask(path, { origin: EVIL }), status, {});
    }
    await server.check(server.ask('/items', { method: 'DELETE' }), 405, ALLOWED);
  });

  it('says nothing of what is right', () => {
    assert.doesNotMatch(server.output, /has answered the/);
  });
});

describe("the output 'standalone'", () => {
  const server = serving(join(FOLDER, '.next/standalone'), 'server.js');

  it('has the policy that is imported', async () => {
    await server.check(server.preflight('/items'), 204, PREFLIGHT);
    await server.check(server.preflight('/api/item'), 204, PREFLIGHT);
    await server.check(server.ask('/items'), 200, ALLOWED);
  });

  it('lacks a file', async () => {
    assert.equal((await server.ask('/file')).status, 500);
    assert.match(server.output, /ENOENT.*policy\.json/);
  });
});
