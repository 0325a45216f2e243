'use strict';
// The policy in force: replacing it, and watching its file.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { after, before, describe, it } = require('node:test');
const { LivePolicy, Policy, PolicyError } = require('onecors');
const { recorder } = require('./adapters.js');
const { collectGarbage, ORIGIN, runScript } = require('./helpers.js');

const OTHER = 'https://other.example.com';
const document = (origin) => JSON.stringify({ allow_origins: [origin] });
const allows = (live, origin) =>
  live.current.decide({ method: 'GET', origin }).outcome === 'actual_allowed';

/** Waits for a condition with a generous deadline. */
async function until(condition, what) {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not within 20 s: ${what}`);
    await delay(20);
  }
}

describe('replace', () => {
  it('takes a policy, a document, and options', () => {
    const live = new LivePolicy(new Policy({ allowOrigins: [ORIGIN] }));
    assert.ok(allows(live, ORIGIN));
    const policy = new Policy({ allowOrigins: [OTHER] });
    live.replace(policy);
    assert.equal(live.current, policy);
    live.replace(document(ORIGIN));
    assert.ok(allows(live, ORIGIN));
    live.replace(Buffer.from(document(OTHER)));
    assert.ok(allows(live, OTHER));
    live.replace({ allowOrigins: [ORIGIN] });
    assert.ok(allows(live, ORIGIN));
  });

  it('leaves the policy in force when the new one has problems, and raises them all', () => {
    const live = new LivePolicy(new Policy({ allowOrigins: [ORIGIN] }));
    const { current } = live;
    assert.throws(
      () => live.replace('{"allow_origins": ["x", "y"]}'),
      (error) => error instanceof PolicyError && error.problems.length === 2,
    );
    assert.throws(() => live.replace({ allowOrigins: [/x/] }), TypeError);
    assert.throws(() => live.replace(undefined), TypeError);
    assert.equal(live.current, current);
  });

  it('needs a policy to begin with', () => {
    for (const wrong of [undefined, {}, '{}']) {
      assert.throws(() => new LivePolicy(wrong), { name: 'TypeError', message: /takes a Policy/ });
    }
  });

  it('frees the policy before', async () => {
    const origins = Array.from({ length: 50_000 }, (_, index) => `https://a${index}.example.com`);
    const large = JSON.stringify({ allow_origins: origins });
    const live = new LivePolicy(new Policy({ allowOrigins: [ORIGIN] }));
    const load = async (times) => {
      for (let round = 0; round < times; round += 1) {
        live.replace(large);
        await collectGarbage();
      }
      return process.memoryUsage().rss;
    };
    const start = await load(5);
    const grown = (await load(20)) - start;
    assert.ok(grown < 12e6, `${grown} bytes`);
  });
});

describe('watch', () => {
  let folder;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'onecors-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  let count = 0;
  /** Watches a new file; the test ends the watching. */
  function watched(context) {
    const file = path.join(folder, `${(count += 1)}.json`);
    fs.writeFileSync(file, document(ORIGIN));
    const logger = recorder();
    const live = LivePolicy.watch(file, { logger });
    context.after(() => live.close());
    return { file, live, logger };
  }

  it('throws what loading throws', () => {
    const missing = path.join(folder, 'missing.json');
    assert.throws(() => LivePolicy.watch(missing), { code: 'ENOENT' });
    const bad = path.join(folder, 'bad.json');
    fs.writeFileSync(bad, '{}');
    assert.throws(() => LivePolicy.watch(bad), { name: 'PolicyError', path: bad });
  });

  it('loads a file that is written over', async (context) => {
    const { file, live, logger } = watched(context);
    fs.writeFileSync(file, document(OTHER));
    await until(() => allows(live, OTHER), 'the new policy');
    assert.deepEqual(logger.lines, [`info: onecors: loaded the changed policy ${file}`]);
  });

  it('loads a file that is renamed into place', async (context) => {
    const { file, live } = watched(context);
    fs.writeFileSync(`${file}.new`, document(OTHER));
    fs.renameSync(`${file}.new`, file);
    await until(() => allows(live, OTHER), 'the new policy');
  });

  // As Kubernetes replaces a ConfigMap: `policy.json -> ..data/policy.json`, `..data -> ..2026`.
  it('loads a file when a link above it is swapped', async (context) => {
    const at = (...names) => path.join(folder, 'mount', ...names);
    for (const [name, origin] of [
      ['..one', ORIGIN],
      ['..two', OTHER],
    ]) {
      fs.mkdirSync(at(name), { recursive: true });
      fs.writeFileSync(at(name, 'policy.json'), document(origin));
    }
    fs.symlinkSync('..one', at('..data'));
    fs.symlinkSync(path.join('..data', 'policy.json'), at('policy.json'));
    const live = LivePolicy.watch(at('policy.json'), { logger: false });
    context.after(() => live.close());
    assert.ok(allows(live, ORIGIN));
    fs.symlinkSync('..two', at('..new'));
    fs.renameSync(at('..new'), at('..data'));
    await until(() => allows(live, OTHER), 'the new policy');
  });

  it('sees a change that leaves size and time of modification alone', async (context) => {
    const { file, live } = watched(context);
    fs.utimesSync(file, 1000, 1000);
    // After this the file has been read again, and its status alone says whether it changes.
    await delay(1500);
    const same = ORIGIN.replace('app', 'api');
    fs.writeFileSync(file, document(same));
    fs.utimesSync(file, 1000, 1000);
    await until(() => allows(live, same), 'the new policy');
  });

  it('keeps the policy in force, and says once why the new one is not', async (context) => {
    const { file, live, logger } = watched(context);
    fs.writeFileSync(file, '{"allow_origins": ["x", "y"]}');
    await until(() => logger.lines.length > 0, 'the problems in the log');
    const start = `error: onecors: keeping the current policy: cannot reload ${file}: `;
    assert.ok(logger.lines[0].startsWith(`${start}the policy document has 2 problems\n`));
    assert.ok(!logger.lines[0].slice(start.length).includes(file));
    assert.match(logger.lines[0], /\/allow_origins\/0.*\/allow_origins\/1/s);
    await delay(800);
    assert.equal(logger.lines.length, 1);
    assert.ok(allows(live, ORIGIN));
    // Taking it back is no news.
    fs.writeFileSync(file, document(ORIGIN));
    await delay(800);
    assert.equal(logger.lines.length, 1);
    fs.writeFileSync(file, document(OTHER));
    await until(() => allows(live, OTHER), 'the new policy');
  });

  // A program that writes a file in place empties it first.
  it('does not complain of what is there for a moment', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    // At once, so that a tick of the clock is a whole look.
    context.mock.method(fs, 'stat', (name, options, done) => {
      let stats;
      try {
        stats = fs.statSync(name, options);
      } catch (error) {
        done(error);
        return;
      }
      done(null, stats);
    });
    const { file, live, logger } = watched(context);
    const look = () => context.mock.timers.tick(250);
    for (const momentary of ['', document(ORIGIN).slice(0, 20)]) {
      fs.writeFileSync(file, momentary);
      look();
      fs.writeFileSync(file, document(ORIGIN));
      look();
      look();
    }
    fs.rmSync(file);
    look();
    fs.writeFileSync(file, document(OTHER));
    look();
    assert.ok(allows(live, OTHER));
    assert.equal(logger.lines.length, 1);
    const lasting = [() => fs.writeFileSync(file, '{'), () => fs.rmSync(file)];
    for (const [index, change] of lasting.entries()) {
      change();
      for (let i = 0; i < 4; i += 1) look();
      assert.equal(logger.lines.length, 2 + index);
    }
  });

  it('survives a file that goes and comes back', async (context) => {
    const { file, live, logger } = watched(context);
    fs.rmSync(file);
    await until(() => logger.lines.length > 0, 'the missing file in the log');
    assert.equal(
      logger.lines[0],
      `error: onecors: keeping the current policy: cannot reload ${file}: ` +
        'ENOENT: no such file or directory',
    );
    await delay(800);
    assert.equal(logger.lines.length, 1);
    assert.ok(allows(live, ORIGIN));
    fs.writeFileSync(file, document(OTHER));
    await until(() => allows(live, OTHER), 'the new policy');
  });

  it('goes on when the logger throws', async (context) => {
    const { file } = watched(context);
    const fail = () => {
      throw new Error('no disk');
    };
    const live = LivePolicy.watch(file, { logger: { info: fail, warn: fail, error: fail } });
    context.after(() => live.close());
    fs.writeFileSync(file, '{');
    await delay(800);
    fs.writeFileSync(file, document(OTHER));
    await until(() => allows(live, OTHER), 'the new policy');
  });

  it('ends when it is closed', async (context) => {
    const { file, live, logger } = watched(context);
    live.close();
    live.close();
    fs.writeFileSync(file, document(OTHER));
    await delay(800);
    assert.ok(allows(live, ORIGIN));
    assert.deepEqual(logger.lines, []);
  });

  it('does not keep the process alive', () => {
    const file = path.join(folder, 'alive.json');
    fs.writeFileSync(file, document(ORIGIN));
    const { status, signal } = runScript(`
      require('onecors').LivePolicy.watch(${JSON.stringify(file)});
      setTimeout(() => process.exit(3), 30000).unref();`);
    assert.deepEqual({ status, signal }, { status: 0, signal: null });
  });
});
