'use strict';
// What is particular to handlers of Lambda in Node.js, beside the corpus of all languages.

const assert = require('node:assert/strict');
const { performance } = require('node:perf_hooks');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { beforeEach, describe, it } = require('node:test');
const { LivePolicy, Policy } = require('onecors');
const { POLICY, recorder } = require('./adapters.js');
const { awslambda, ResponseStream, WITH_PRELUDE } = require('./aws.js');
const { ORIGIN } = require('./helpers.js');

globalThis.awslambda = awslambda;
const { withCors, withCorsAuthorizer, withCorsStream } = require('onecors/aws');

const EVIL = 'https://evil.example';
const policy = new Policy(POLICY);
const QUIET = { logger: false };
const RESPOND = { ...QUIET, onError: 'respond' };

const event = (path = '/app/item', origin = ORIGIN, method = 'GET', headers = {}) => ({
  version: '2.0',
  rawPath: path,
  headers: { origin, ...headers },
  requestContext: { stage: '$default', http: { method, path } },
});
const PREFLIGHT = event('/app/item', ORIGIN, 'OPTIONS', { 'access-control-request-method': 'PUT' });
const OK = Object.freeze({ statusCode: 200 });

const allowed = ({ headers }) => headers?.['Access-Control-Allow-Origin'];
const thrower = () => {
  throw new Error('thrown on purpose');
};

describe('withCors', () => {
  it('asks the engine once for a request', async (t) => {
    let calls = 0;
    for (const name of ['decideParts', 'decideActual']) {
      const original = Policy.prototype[name];
      t.mock.method(Policy.prototype, name, function (...parts) {
        calls += 1;
        return original.apply(this, parts);
      });
    }
    const handler = withCors(policy, () => OK, QUIET);
    for (const each of [event(), PREFLIGHT, event('/app/item', EVIL), event('/plain')]) {
      calls = 0;
      await handler(each, {});
      assert.equal(calls, 1);
    }
  });

  it('keeps to the policy that a request began with', async () => {
    const live = new LivePolicy(policy);
    const handler = withCors(live, () => {
      live.replace({ allowOrigins: ['https://other.example'] });
      return OK;
    });
    assert.equal(allowed(await handler(event(), {})), ORIGIN);
    assert.equal(
      allowed(await handler(event('/app/item', 'https://other.example'), {})),
      'https://other.example',
    );
  });

  it('hands on the context, and what comes after it', async () => {
    const context = { awsRequestId: '1' };
    const rest = { signal: 'of middy' };
    let got;
    const handler = withCors(policy, (...parts) => {
      got = parts;
      return OK;
    });
    const sent = event();
    await handler(sent, context, rest, 'more');
    assert.deepEqual(got, [sent, context, rest, 'more']);
    assert.equal(got[0], sent);
    assert.equal(got[1], context);
  });

  it('logs a denial once, and nothing of it is in the answer', async () => {
    const logger = recorder();
    const handler = withCors(policy, () => OK, { logger });
    const answers = [
      await handler(event('/app/item', EVIL), {}),
      await handler(event('/app/item', EVIL), {}),
    ];
    assert.deepEqual(answers, Array(2).fill({ statusCode: 200, headers: { Vary: 'Origin' } }));
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0], /^warn: onecors: .*evil\.example.*origin_not_allowed/);
  });

  it('logs the exception that it answers', async () => {
    const logger = recorder();
    const handler = withCors(policy, thrower, { logger, onError: 'respond' });
    assert.equal((await handler(event(), {})).statusCode, 500);
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0], /^error: Error: thrown on purpose\n {4}at /);
  });

  it('passes the exception on as it is, when it is not asked for an answer', async () => {
    const error = Object.assign(new RangeError('own'), { code: 'E_OWN' });
    const handler = withCors(policy, () => Promise.reject(error), QUIET);
    await assert.rejects(handler(event(), {}), (caught) => caught === error);
  });

  it('takes a base path however its slashes stand', async () => {
    for (const basePath of ['v1', '/v1', '/v1/', 'v1/']) {
      const handler = withCors(policy, () => OK, { ...QUIET, basePath });
      assert.equal(allowed(await handler(event('/v1/app/item'), {})), ORIGIN);
      assert.deepEqual(await handler(event('/v10/app/item'), {}), OK);
    }
  });

  it('compares a path as patterns are written', async () => {
    const own = new Policy({
      rules: [
        { paths: ['/'], allowOrigins: [ORIGIN] },
        { paths: ['/caf\u00e9/*'], allowOrigins: [ORIGIN] },
      ],
    });
    const handler = withCors(own, () => OK, { ...QUIET, basePath: '/v1' });
    for (const path of ['/v1', '/v1/', '/v1/caf%C3%A9/x', '/v1/caf\u00e9/x', '/v1/caf%c3%a9']) {
      assert.equal(allowed(await handler(event(path), {})), ORIGIN, path);
    }
  });

  it('is quick with white space', async () => {
    const spaces = ' '.repeat(200_000);
    const handler = withCors(policy, () => OK, QUIET);
    const start = performance.now();
    await handler(event('/app/item', `a${spaces}a`), {});
    assert.ok(performance.now() - start < 500);
  });

  it('refuses what it does not know', () => {
    assert.throws(() => withCors({}, () => OK), TypeError);
    assert.throws(() => withCors(policy, () => OK, { onError: 'response' }), {
      name: 'TypeError',
      message: /onError must be 'raise' or 'respond', not "response"/,
    });
    assert.throws(() => withCors(policy, () => OK, { basePath: 1 }), TypeError);
  });
});

describe('a handler in the style of callbacks', () => {
  const later = (error, result) => (sent, context, callback) => {
    setImmediate(callback, error, result);
  };

  // Since version 4 the runtime interface client refuses a handler of three parameters.
  it('is no such handler to the runtime', () => {
    assert.equal(withCors(policy, later(null, OK)).length, 2);
    assert.equal(withCorsAuthorizer(policy, later(null, OK)).length, 2);
  });

  it('is given a callback, whether the runtime has one or not', async () => {
    const handler = withCors(policy, later(null, OK), QUIET);
    const runtimes = thrower;
    for (const third of [[], [runtimes]]) {
      assert.equal(allowed(await handler(event(), {}, ...third)), ORIGIN);
    }
    assert.deepEqual(await handler(event('/plain'), {}, runtimes), OK);
  });

  it('fails with what it calls back with', async () => {
    const error = new Error('called back');
    const handler = withCors(policy, later(error), QUIET);
    await assert.rejects(handler(event(), {}), (caught) => caught === error);
    assert.equal((await withCors(policy, later(error), RESPOND)(event(), {})).statusCode, 500);
    const text = withCors(policy, later('text'), QUIET);
    await assert.rejects(text(event(), {}), (caught) => caught === 'text');
  });

  it('may throw, or return a promise', async () => {
    await assert.rejects(
      withCors(policy, (sent, context, callback) => thrower(callback), QUIET)(event(), {}),
      /thrown on purpose/,
    );
    const handler = async (sent, context, callback) => callback && OK;
    assert.equal(allowed(await withCors(policy, handler, QUIET)(event(), {})), ORIGIN);
  });

  it('may be wrapped, where the runtime has a callback', async () => {
    const wrapped = (...parts) => later(null, OK)(...parts);
    const handler = withCors(policy, wrapped, QUIET);
    const { body, headers } = await handler(event(), {}, thrower);
    assert.deepEqual([body, headers['Access-Control-Allow-Origin']], [undefined, ORIGIN]);
  });

  it('is left alone when it returns a value at once', async () => {
    assert.equal(allowed(await withCors(policy, () => OK, QUIET)(event(), {}, thrower)), ORIGIN);
    // Of a result without a status HTTP APIs make a body.
    const nothing = await withCors(policy, () => undefined, QUIET)(event(), {});
    assert.equal(nothing.body, 'null');
  });
});

const NULS = '\0'.repeat(8);

describe('withCorsStream', () => {
  let stream;
  beforeEach(() => {
    stream = new ResponseStream();
  });
  const run = (handler, options = QUIET, sent = event()) =>
    withCorsStream(policy, handler, options)(sent, stream, {});
  const HEADERS = {
    'Access-Control-Allow-Origin': ORIGIN,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'etag',
    Vary: 'Origin',
  };
  const from = (given, prelude) => globalThis.awslambda.HttpResponseStream.from(given, prelude);

  it('tells the runtime that it streams', () => {
    const handler = withCorsStream(policy, () => undefined, { highWaterMark: 5 });
    assert.deepEqual([handler.streams, handler.options], [true, { highWaterMark: 5 }]);
    assert.equal(withCorsStream(policy, () => undefined).options, undefined);
  });

  it('makes the prelude of a stream that has none', async () => {
    await run(async (sent, out) => {
      out.setContentType('text/plain');
      out.write('one');
      out.end('two');
    });
    assert.deepEqual(stream.response, {
      statusCode: 200,
      headers: { 'Content-Type': 'text/plain', ...HEADERS },
      body: 'onetwo',
    });
  });

  it('says what the runtime would of the type that nobody has set', async () => {
    await run(async (sent, out) => out.end('x'));
    assert.equal(stream.response.headers['Content-Type'], 'application/octet-stream');
  });

  // The runtime itself writes the prelude with the first `write`, and never with `end`.
  it('sends the prelude when the stream ends without a write', async () => {
    for (const end of [[], ['all'], ['all', 'utf8'], [undefined]]) {
      stream = new ResponseStream();
      await run(async (sent, out) => from(out, { statusCode: 404 }).end(...end));
      assert.deepEqual(stream.response, { statusCode: 404, headers: HEADERS, body: end[0] ?? '' });
    }
  });

  it('passes on a prelude that is none', async () => {
    const prelude = Object.freeze({ statusCode: 200, headers: Object.freeze(['X-A: 1']) });
    await run(async (sent, out) => from(out, prelude).end('x'));
    assert.deepEqual(stream.response, { ...prelude, body: 'x' });
  });

  it('calls back when a chunk is written, and when the stream has ended', async () => {
    const called = [];
    await run(async (sent, out) => {
      const given = from(out, { statusCode: 200 });
      await new Promise((done) => given.write('a', done));
      await new Promise((done) => given.write('b', 'utf8', done));
      await new Promise((done) => given.end('c', done));
      called.push(true);
    });
    assert.deepEqual([called, stream.response.body], [[true], 'abc']);
  });

  it('reads a prelude that a handler writes by hand, in whatever pieces', async () => {
    const prelude = JSON.stringify({
      statusCode: 201,
      headers: { 'access-control-allow-origin': '*' },
    });
    const bytes = Buffer.concat([Buffer.from(prelude), Buffer.alloc(8), Buffer.from('body')]);
    for (const size of [1, 7, bytes.length]) {
      stream = new ResponseStream();
      await run(async (sent, out) => {
        out.setContentType(WITH_PRELUDE);
        for (let at = 0; at < bytes.length; at += size) {
          await new Promise((done) => out.write(bytes.subarray(at, at + size), done));
        }
        out.end();
      });
      assert.deepEqual(stream.response, { statusCode: 201, headers: HEADERS, body: 'body' });
    }
  });

  // opennextjs-aws#1181: wrappers for REST APIs write the prelude, and never say that there is one.
  it('knows a prelude by what it is, in whatever pieces', async () => {
    const members = { statusCode: 201, headers: { 'x-a': '{"\\"}' }, cookies: ['a=1'] };
    const begin = JSON.stringify(members).length;
    const bytes = Buffer.from(`${JSON.stringify(members)}${NULS}body\0`);
    const cuts = [
      ...Array.from({ length: 9 }, (_, nul) => [begin + nul]),
      [5, begin + 3, begin + 9],
    ];
    const every = Array.from(bytes.keys());
    for (const at of [[], every, ...cuts]) {
      stream = new ResponseStream();
      await run(async (sent, out) => {
        const reused = Buffer.alloc(bytes.length);
        for (const [index, from] of [0, ...at].entries()) {
          const size = bytes.copy(reused, 0, from, at[index] ?? bytes.length);
          await new Promise((done) => out.write(Uint8Array.from(reused.subarray(0, size)), done));
          reused.fill(0x78);
        }
        out.end();
      });
      const headers = { 'x-a': '{"\\"}', ...HEADERS };
      assert.deepEqual(stream.response, { ...members, headers, body: 'body\0' });
    }
  });

  it('knows the prelude of whatever writes one', async () => {
    const spaced = JSON.stringify({ headers: { 'x-a': 'ä' }, statusCode: 404 }, null, 2);
    for (const [prelude, statusCode] of [
      ['{}', undefined],
      ['{ }', undefined],
      [spaced, 404],
      ['{"multiValueHeaders":{},"statusCode":404}', 404],
      ['{"isBase64Encoded":false,"statusCode":404}', 404],
    ]) {
      stream = new ResponseStream();
      await run(async (sent, out) => out.end(prelude + NULS));
      assert.equal(stream.response.headers['Access-Control-Allow-Origin'], ORIGIN, prelude);
      assert.deepEqual([stream.response.statusCode, stream.response.body], [statusCode, '']);
    }
  });

  it('takes nothing else for a prelude', async () => {
    for (const body of [
      '',
      '{',
      '{}',
      '{"statusCode":200}',
      `{"statusCode":200}${'\0'.repeat(7)}`,
      `{"statusCode":200}${'\0'.repeat(7)}x${NULS}`,
      `{"statusCode":200}\n${NULS}`,
      `{"statusCode":200${NULS}}`,
      `{"statusCode":2 00}${NULS}`,
      `{"statusCode":"${NULS}"}`,
      `{"message":"none"}${NULS}`,
      `["statusCode"]${NULS}`,
      `"statusCode"${NULS}`,
      `]${NULS}`,
      ` {"statusCode":200}${NULS}`,
      `${NULS}{"statusCode":200}`,
      `\0{}${NULS}`,
      `{"headers":"${'x'.repeat(70_000)}"}${NULS}`,
    ]) {
      for (const size of [1, 7, body.length + 1]) {
        stream = new ResponseStream();
        await run(async (sent, out) => {
          for (let at = 0; at < body.length; at += size) out.write(body.slice(at, at + size));
          out.end();
        });
        assert.deepEqual(stream.response, {
          statusCode: 200,
          headers: { 'Content-Type': 'application/octet-stream', ...HEADERS },
          body,
        });
      }
    }
  });

  it('holds a body back no longer than it may be a prelude', async () => {
    const released = async (...chunks) => {
      stream = new ResponseStream();
      let begun;
      await run(async (sent, out) => {
        for (const [index, chunk] of chunks.entries()) {
          out.write(chunk);
          if (stream.begun) begun ??= index;
        }
        out.end();
      });
      assert.equal(stream.response.body, chunks.join(''));
      return begun;
    };
    assert.equal(await released('one', 'two'), 0);
    assert.equal(await released('{"a":1}\n', '{"a":2}\n'), 0);
    assert.equal(await released('{"status', '":200}\n', '{'), 1);
    assert.equal(await released('{"statusCode":200}\n', '{'), 0);
    assert.equal(await released('{', ' '.repeat(70), '{'), 1);
    assert.equal(await released('{"headers":{', '}}', '{"headers":'), 2);
    const long = Array.from({ length: 100 }, () => 'x'.repeat(1024));
    assert.equal(await released('{"body":"', ...long), 64);
  });

  it('takes a typed array for its bytes', async () => {
    await run(async (sent, out) => out.end(Uint16Array.of(0x6261)));
    assert.equal(stream.response.body, 'ab');
  });

  it('lets nothing out of a stream whose prelude cannot be read', async () => {
    const endings = [
      [/JSON/, Buffer.from(`{${'\0'.repeat(8)}`)],
      [/must be a JSON object/, Buffer.from(`[]${'\0'.repeat(8)}`)],
      [/ended before its prelude/, Buffer.from('{"statusCode":200}')],
      [/has no prelude/, Buffer.alloc(70_000, ' ')],
    ];
    for (const [reason, bytes] of endings) {
      stream = new ResponseStream();
      const failing = run(async (sent, out) => {
        out.setContentType(WITH_PRELUDE);
        out.end(bytes);
      });
      await assert.rejects(failing, reason);
      assert.deepEqual(stream.chunks, []);
    }
  });

  it('goes around the streams of Hono and of middy', async () => {
    const { Hono } = require('hono');
    const { streamHandle } = require('hono/aws-lambda');
    const { middy } = await import('@middy/core');
    const { executionModeStreamifyResponse } =
      await import('@middy/core/executionModeStreamifyResponse');
    const app = new Hono();
    app.get('/app/item', (context) => context.text('ab', 201, { 'Set-Cookie': 'c=1' }));
    const answered = async () => ({ statusCode: 201, body: Readable.from(['a', 'b']) });
    const middied = middy({ executionMode: executionModeStreamifyResponse }).handler(answered);
    for (const handler of [streamHandle(app), middied]) {
      stream = new ResponseStream();
      await run(handler);
      const { statusCode, headers, body } = stream.response;
      assert.deepEqual(
        [statusCode, headers['Access-Control-Allow-Origin'], body],
        [201, ORIGIN, 'ab'],
      );
    }
  });

  it('can be the end of a pipeline', async () => {
    for (const begin of [(out) => out, (out) => from(out, { statusCode: 200 })]) {
      stream = new ResponseStream();
      await run((sent, out) => pipeline(Readable.from(['one', 'two']), begin(out)));
      assert.equal(stream.response.headers['Access-Control-Allow-Origin'], ORIGIN);
      assert.equal(stream.response.body, 'onetwo');
    }
  });

  it('stays the stream that it was in all else', async () => {
    stream.own = 1;
    stream.method = function () {
      return this;
    };
    await run(async (sent, out) => {
      assert.deepEqual([out.own, out.method(), out.writableEnded], [1, stream, false]);
      out.own = 2;
      out.write('x');
      assert.throws(() => out.setContentType('text/plain'), /too late/);
      out.end();
    });
    assert.equal(stream.own, 2);
  });

  it('passes on what is thrown before the prelude, or answers it', async () => {
    await assert.rejects(run(thrower), /thrown on purpose/);
    assert.deepEqual(stream.chunks, []);
    // The prelude is chosen, and not sent yet.
    await run(async (sent, out) => thrower(from(out, { statusCode: 200 })), RESPOND);
    assert.deepEqual(stream.response, {
      statusCode: 500,
      headers: { 'Content-Type': 'text/plain; charset=utf-8', ...HEADERS },
      body: 'Internal Server Error',
    });
    assert.ok(stream.writableEnded);
  });

  it('passes on what is thrown after the prelude, always', async () => {
    const failing = run(async (sent, out) => thrower(from(out, OK).write('begun')), RESPOND);
    await assert.rejects(failing, /thrown on purpose/);
    assert.deepEqual(stream.response, { statusCode: 200, headers: HEADERS, body: 'begun' });
    assert.ok(!stream.writableEnded);
  });

  it('leaves the stream itself to a handler that no rule governs', async () => {
    const given = [];
    for (const sent of [event('/plain'), { source: 'aws.events' }]) {
      await run(async (each, out) => given.push(out), QUIET, sent);
    }
    assert.deepEqual(given, [stream, stream]);
  });

  it('says that it needs the runtime', (t) => {
    t.after(() => {
      globalThis.awslambda = awslambda;
    });
    for (const missing of [undefined, {}]) {
      globalThis.awslambda = missing;
      assert.throws(() => withCorsStream(policy, () => undefined), /awslambda is not defined/);
    }
  });
});

describe('withCorsAuthorizer', () => {
  const asked = {
    type: 'REQUEST',
    methodArn: 'arn',
    path: '/app/item',
    httpMethod: 'GET',
    headers: { origin: ORIGIN },
    requestContext: {},
  };

  it('takes an authorizer in the style of callbacks, and one that throws', async () => {
    const authorizer = (sent, context, callback) => callback(null, { principalId: 'user' });
    const { context } = await withCorsAuthorizer(policy, authorizer, QUIET)(asked, {});
    assert.equal(context.corsAllowOrigin, ORIGIN);
    const failing = withCorsAuthorizer(policy, thrower, QUIET);
    await assert.rejects(failing(asked, {}), /thrown on purpose/);
  });

  it('leaves alone what no API asks', async () => {
    const result = { principalId: 'user' };
    const { methodArn, ...other } = asked;
    const authorizer = withCorsAuthorizer(policy, () => result, QUIET);
    assert.equal(await authorizer(other, {}), result);
    assert.notEqual(await authorizer({ ...other, methodArn }, {}), result);
  });
});
