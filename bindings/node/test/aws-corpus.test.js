'use strict';
// The corpus that the Lambda adapters of all languages answer alike, and the events of AWS's own packages.

const assert = require('node:assert/strict');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { describe, it } = require('node:test');
const { awslambda, ResponseStream } = require('./aws.js');

globalThis.awslambda = awslambda;
const { Policy } = require('onecors');
const { withCors, withCorsAuthorizer, withCorsStream } = require('onecors/aws');
const { EventRequest } = require('../dist/aws/event.js');

const ROOT = join(__dirname, '..', '..', '..');
const CORPUS = join(ROOT, 'tests', 'aws');
const policy = Policy.fromFile(join(ROOT, 'tests', 'services', 'policy.json'));

const read = (...path) => JSON.parse(readFileSync(join(CORPUS, ...path)));
const casesOf = (folder) =>
  readdirSync(join(CORPUS, folder)).map((file) => [file, read(folder, file)]);

/** Freezes what a handler and an adapter are given: neither may be changed. */
function frozen(value) {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

const optionsOf = (played) => ({
  logger: false,
  onError: played.on_error,
  basePath: played.base_path,
});

async function play(played, wrap) {
  const { returns, throws } = played.handler;
  const handler = wrap(async () => {
    if (throws !== undefined) throw new Error(throws);
    return frozen(structuredClone(returns));
  });
  return handler(frozen(structuredClone(played.event)), {});
}

async function playStream(played) {
  const { streams, writes, content_type, throws } = played.handler;
  const handler = withCorsStream(
    policy,
    async (event, stream) => {
      if (throws !== undefined) throw new Error(throws);
      if (writes !== undefined) {
        if (content_type !== undefined) stream.setContentType(content_type);
        for (const chunk of writes) stream.write(chunk);
        stream.end();
        return;
      }
      const { chunks, ...prelude } = streams;
      const out = globalThis.awslambda.HttpResponseStream.from(stream, frozen(prelude));
      for (const chunk of chunks) out.write(chunk);
      out.end();
    },
    optionsOf(played),
  );
  const stream = new ResponseStream();
  await handler(frozen(structuredClone(played.event)), stream, {});
  assert.ok(stream.writableEnded);
  return stream.response;
}

/** JSON as Lambda would have got it. */
const sent = (value) => JSON.parse(JSON.stringify(value ?? null));

async function check(played, call) {
  const { returns, fails, streams } = played.expected;
  if (fails !== undefined) {
    await assert.rejects(call, ({ message }) => message === fails);
    return;
  }
  const got = sent(await call());
  if (streams === undefined) {
    assert.deepEqual(got, returns);
    return;
  }
  const { chunks, ...prelude } = streams;
  assert.deepEqual(got, { ...prelude, body: chunks.join('') });
}

const streams = ({ handler, expected }) => 'streams' in handler || 'streams' in expected;

for (const [folder, wrap] of [
  ['cases', (played) => (handler) => withCors(policy, handler, optionsOf(played))],
  ['authorizer', (played) => (handler) => withCorsAuthorizer(policy, handler, optionsOf(played))],
]) {
  describe(`the corpus, ${folder}`, () => {
    for (const [file, cases] of casesOf(folder)) {
      for (const played of cases) {
        const skip = played.except?.node ?? false;
        it(`${file}: ${played.name}`, { skip }, () =>
          check(played, () => (streams(played) ? playStream(played) : play(played, wrap(played)))),
        );
      }
    }
  });
}

const EVENTS = join(ROOT, '.cache', 'aws-events');

/** What the adapter sees in an event: of the headers, those that are asked for. */
function seenIn(event, headers = {}) {
  const request = EventRequest.of(event, '');
  if (request === null) return undefined;
  const { kind, method, path } = request;
  const values = Object.keys(headers).map((name) => [name, request.header(name) ?? null]);
  return { kind, method, path, headers: Object.fromEntries(values) };
}

describe("the events of AWS's packages", () => {
  const known = read('events.json');
  const names = existsSync(EVENTS)
    ? readdirSync(EVENTS, { recursive: true }).filter((name) => name.endsWith('.json'))
    : [];

  it('are there', () => {
    const missing = Object.keys(known).filter((name) => !names.includes(name));
    assert.deepEqual(missing, [], 'make -C tests/aws setup fetches them');
  });

  for (const name of names) {
    it(name, () => {
      const event = JSON.parse(readFileSync(join(EVENTS, name)));
      // An event that is not named there is none of a request.
      assert.deepEqual(seenIn(event, known[name]?.headers), known[name]);
    });
  }
});
