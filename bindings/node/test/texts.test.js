'use strict';
// What is not seen in print is in no text that people read, and exact in the fields: the cases of
// tests/conformance/texts.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const { join } = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { after, before, describe, it } = require('node:test');
const { LivePolicy, Policy, PolicyError } = require('onecors');
const { Adapter } = require('../dist/adapter.js');
const { recorder } = require('./adapters.js');

const CORPUS = require('../../../tests/conformance/texts/invisible.json');
const documentOf = ({ text, document }) => text ?? JSON.stringify(document);

function requireClean(text) {
  const shown = JSON.stringify(text);
  assert.deepEqual(
    CORPUS.invisible.filter((character) => text.includes(character)),
    [],
    shown,
  );
  assert.ok(!text.split('\n').some((line) => line.startsWith(CORPUS.forged)), shown);
}

function requireCleanLine(text) {
  requireClean(text);
  assert.ok(!text.includes('\n'), JSON.stringify(text));
}

function errorOf(load) {
  try {
    load();
  } catch (error) {
    return error;
  }
  return assert.fail('it loads');
}

describe('the text of an error', () => {
  let file;
  before(() => {
    file = join(fs.mkdtempSync(join(os.tmpdir(), 'onecors-')), CORPUS.file);
  });
  after(() => fs.rmSync(join(file, '..'), { recursive: true }));

  for (const sample of CORPUS.cases.filter(({ pointer }) => pointer !== undefined)) {
    it(sample.name, () => {
      const error = errorOf(() => Policy.fromJson(documentOf(sample)));
      assert.ok(error instanceof PolicyError, error);
      requireClean(error.message);
      assert.ok(error.problems.some(({ pointer }) => pointer === sample.pointer));
      for (const { message } of error.problems) requireCleanLine(message);

      fs.writeFileSync(file, documentOf(sample));
      const named = errorOf(() => Policy.fromFile(file));
      assert.equal(named.path, file);
      requireClean(named.message);
    });
  }

  it('names a key of options escaped', () => {
    const { message } = errorOf(() => new Policy({ [`x\x1b[31m\n${CORPUS.forged}`]: /x/ }));
    requireCleanLine(message);
  });

  it('names a folder in the place of a file escaped', () => {
    const folder = join(file, '..', `folder${CORPUS.file}`);
    fs.mkdirSync(folder);
    requireCleanLine(errorOf(() => Policy.fromFile(folder)).message);
  });
});

describe('an explanation and the line of a log', () => {
  for (const sample of CORPUS.cases.filter(({ request }) => request !== undefined)) {
    it(sample.name, () => {
      const policy = Policy.fromJson(documentOf(sample));
      const { request } = sample;
      const parts = {
        method: request.method,
        path: request.path,
        origin: request.origin,
        accessControlRequestMethod: request.access_control_request_method,
        accessControlRequestHeaders: request.access_control_request_headers,
      };
      const story = policy.explain(parts);
      for (const text of [story.summary, story.advice, story.browser_message])
        requireCleanLine(text);
      for (const { expected, received } of story.checks) {
        requireCleanLine(expected);
        requireCleanLine(received ?? '');
      }
      assert.equal(story.rule.name, sample.rule);
      assert.equal(story.rule.path_pattern, sample.path_pattern);
      assert.equal(story.nearest_miss?.pattern ?? null, sample.nearest_miss);

      const logger = recorder();
      new Adapter(policy, { logger }).plan({ ...parts, host: undefined });
      assert.equal(logger.lines.length, 1);
      requireCleanLine(logger.lines[0]);
    });
  }

  it('is clean of the name of a watched file', async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), 'onecors-'));
    const file = join(folder, CORPUS.file);
    const logger = recorder();
    const line = async (level) => {
      const deadline = Date.now() + 20_000;
      for (;;) {
        const found = logger.lines.find((each) => each.startsWith(level));
        if (found !== undefined) return found;
        assert.ok(Date.now() < deadline, `no line of level ${level}`);
        await delay(20);
      }
    };
    fs.writeFileSync(file, '{"allow_origins": ["https://a.example"]}');
    const live = LivePolicy.watch(file, { logger });
    fs.writeFileSync(file, '{"allow_origins": ["https://b.example"]}');
    requireCleanLine(await line('info'));
    fs.writeFileSync(file, '{"allow_origins": []}');
    requireClean(await line('error'));
    logger.lines.length = 0;
    fs.rmSync(file);
    requireCleanLine(await line('error'));
    live.close();
    fs.rmSync(folder, { recursive: true });
  });
});
