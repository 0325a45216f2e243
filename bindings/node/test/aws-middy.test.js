'use strict';
// The middleware in middy itself, with its middleware for errors and its own for CORS.

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { before, describe, it } = require('node:test');
const { Policy } = require('onecors');
const { cors, withCors } = require('onecors/aws');
const { POLICY, recorder } = require('./adapters.js');
const { awslambda, ResponseStream } = require('./aws.js');
const { ORIGIN } = require('./helpers.js');

globalThis.awslambda = awslambda;

const policy = new Policy(POLICY);
const QUIET = { logger: false };
const VARY = { Vary: 'Origin' };
const HEADERS = {
  'Access-Control-Allow-Origin': ORIGIN,
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': 'etag',
  ...VARY,
};

const event = (method = 'GET', headers = {}) => ({
  httpMethod: method,
  path: '/app/item',
  headers: { Origin: ORIGIN, ...headers },
  multiValueHeaders: {},
  requestContext: { stage: 'prod' },
});
const PREFLIGHT = event('OPTIONS', { 'Access-Control-Request-Method': 'PUT' });
const item = async () => ({ statusCode: 200, body: 'item' });
const unavailable = async () => {
  throw Object.assign(new Error('come back later'), { statusCode: 503, expose: true });
};

let middy;
let executionModeStreamifyResponse;
let httpCors;
let httpErrorHandler;
before(async () => {
  ({ default: middy } = await import('@middy/core'));
  ({ executionModeStreamifyResponse } = await import('@middy/core/StreamifyResponse'));
  ({ default: httpCors } = await import('@middy/http-cors'));
  const { default: errors } = await import('@middy/http-error-handler');
  httpErrorHandler = () => errors({ logger: false });
});

/** The names of the fields that CORS has, as a gateway would see them. */
const fieldsOf = ({ headers }) =>
  Object.keys(headers)
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith('access-control-'))
    .sort();

describe('the middleware of middy', () => {
  it('answers a preflight before what stands behind it', async () => {
    const seen = [];
    const handler = middy(() => seen.push('handler'))
      .use(cors(policy, QUIET))
      .use({ before: () => void seen.push('before'), after: () => void seen.push('after') });
    const { statusCode, headers } = await handler(PREFLIGHT, {});
    assert.deepEqual([statusCode, headers['Access-Control-Allow-Methods'], seen], [204, 'PUT', []]);
  });

  it('puts the headers on a response', async () => {
    const handler = middy(item).use(cors(policy, QUIET));
    assert.deepEqual(await handler(event(), {}), {
      statusCode: 200,
      headers: HEADERS,
      body: 'item',
    });
    const denied = await handler(event('GET', { Origin: 'https://evil.example' }), {});
    assert.deepEqual(denied.headers, VARY);
  });

  it('puts them on what httpErrorHandler behind it has made of an error', async () => {
    const logger = recorder();
    const handler = middy(unavailable).use(cors(policy, { logger })).use(httpErrorHandler());
    const { statusCode, headers, body } = await handler(event(), {});
    assert.deepEqual([statusCode, body], [503, 'come back later']);
    assert.deepEqual(headers, { 'Content-Type': 'text/plain', ...HEADERS });
    assert.deepEqual(logger.lines, []);
  });

  it('says once that httpErrorHandler stands in front of it', async () => {
    const logger = recorder();
    const handler = middy(unavailable).use(httpErrorHandler()).use(cors(policy, { logger }));
    for (let round = 0; round < 2; round += 1) {
      assert.equal((await handler(event(), {})).headers['Access-Control-Allow-Origin'], undefined);
    }
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0], /^warn: .*put cors\(policy\) before httpErrorHandler\(\)/);
  });

  it('passes an error on, or answers it', async () => {
    await assert.rejects(middy(unavailable).use(cors(policy, QUIET))(event(), {}), /come back/);
    const handler = middy(unavailable).use(cors(policy, { ...QUIET, onError: 'respond' }));
    const { statusCode, headers } = await handler(event(), {});
    assert.deepEqual([statusCode, headers['Access-Control-Allow-Origin']], [500, ORIGIN]);
  });

  it('covers an error of what stands behind it too', async () => {
    const handler = middy(item)
      .use(cors(policy, QUIET))
      .use({ before: unavailable })
      .use(httpErrorHandler());
    const { statusCode, headers } = await handler(event(), {});
    assert.deepEqual([statusCode, headers['Access-Control-Allow-Origin']], [503, ORIGIN]);
  });

  it('doubles nothing beside http-cors, whichever stands first', async () => {
    const other = () => httpCors({ origin: '*', headers: 'x-own', maxAge: 1 });
    const behind = middy(item).use(cors(policy, QUIET)).use(other());
    const withErrors = middy(unavailable)
      .use(cors(policy, QUIET))
      .use(other())
      .use(httpErrorHandler());
    for (const handler of [behind, withErrors]) {
      const { headers } = await handler(event(), {});
      assert.deepEqual(
        { ...headers, 'Content-Type': undefined },
        { ...HEADERS, 'Content-Type': undefined },
      );
    }
    const first = await middy(item).use(other()).use(cors(policy, QUIET))(event(), {});
    assert.equal(new Set(fieldsOf(first)).size, fieldsOf(first).length);
    assert.equal(first.headers['Access-Control-Allow-Origin'], ORIGIN);
  });

  it('is not asked where other middleware returns early, and withCors around it is', async () => {
    const early = { before: () => ({ statusCode: 401 }) };
    const inside = middy(item).use(cors(policy, QUIET)).use(early);
    assert.deepEqual(await inside(event(), {}), { statusCode: 401 });
    const outside = withCors(policy, middy(item).use(early), QUIET);
    assert.deepEqual(await outside(event(), {}), { statusCode: 401, headers: HEADERS });
  });

  it('leaves events alone that are no requests', async () => {
    const handler = middy(async () => ({ batchItemFailures: [] })).use(cors(policy, QUIET));
    assert.deepEqual(await handler({ Records: [] }, {}), { batchItemFailures: [] });
    const failing = middy(unavailable).use(cors(policy, { ...QUIET, onError: 'respond' }));
    await assert.rejects(failing({ Records: [] }, {}), /come back/);
  });

  it('puts the headers into the prelude where middy streams', async () => {
    const handler = middy({ executionMode: executionModeStreamifyResponse })
      .use(cors(policy, QUIET))
      .handler(async () => ({ statusCode: 200, body: Readable.from(['one', 'two']) }));
    const streamed = async (sent) => {
      const stream = new ResponseStream();
      await handler(sent, stream, {});
      return stream.response;
    };
    const { statusCode, body } = await streamed(PREFLIGHT);
    assert.deepEqual([statusCode, body], [204, '']);
    assert.deepEqual(await streamed(event()), {
      statusCode: 200,
      headers: HEADERS,
      body: 'onetwo',
    });
  });
});
