'use strict';
// Threads, garbage and panics: what may outlive what, and what must not end the process.

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { describe, it } = require('node:test');
const { MessageChannel } = require('node:worker_threads');
const { Policy } = require('onecors');
const { native } = require('../dist/native.js');
const { collectGarbage, ORIGIN, ROOT, runScript } = require('./helpers.js');

describe('worker threads', () => {
  const prelude = `
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const work = (origin) => new Worker(\`
      const { parentPort, workerData } = require('node:worker_threads');
      const { Policy } = require('onecors');
      const policy = new Policy({ allowOrigins: [workerData] });
      const outcomes = new Set();
      for (let round = 0; round < 20000; round += 1) {
        outcomes.add(policy.decideParts('GET', '/', 'https://a.example').outcome);
      }
      parentPort.postMessage([...outcomes].join());
    \`, { eval: true, workerData: origin });
    const result = async (worker) => {
      const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return message + ' ' + code;
    };`;

  it('may load the library when nobody else does, one after the other', () => {
    const { status, signal, stdout, stderr } = runScript(`${prelude}
      (async () => {
        console.log(await result(work('https://a.example')));
        console.log(await result(work('https://b.example')));
      })();`);
    assert.deepEqual(
      { status, signal, stdout, stderr },
      { status: 0, signal: null, stdout: 'actual_allowed 0\nactual_denied 0\n', stderr: '' },
    );
  });

  it('share nothing when they work at once', () => {
    const { status, signal, stdout, stderr } = runScript(`${prelude}
      const origins = ['https://a.example', 'https://b.example', 'https://a.example', 'https://c.example'];
      Promise.all(origins.map((origin) => result(work(origin)))).then((all) => console.log(all.join('\\n')));`);
    assert.deepEqual(
      { status, signal, stdout, stderr },
      {
        status: 0,
        signal: null,
        stdout: 'actual_allowed 0\nactual_denied 0\nactual_allowed 0\nactual_denied 0\n',
        stderr: '',
      },
    );
  });

  it('may be ended in the middle of a decision', () => {
    const { status, signal, stdout } = runScript(`
      const { Worker } = require('node:worker_threads');
      const { once } = require('node:events');
      (async () => {
        for (let round = 0; round < 5; round += 1) {
          const worker = new Worker(\`
            const { Policy } = require('onecors');
            const policy = new Policy({ allowOrigins: ['https://a.example'] });
            require('node:worker_threads').parentPort.postMessage('ready');
            for (;;) policy.decideParts('GET', '/', 'https://a.example');
          \`, { eval: true });
          await once(worker, 'message');
          await worker.terminate();
        }
        console.log('done');
      })();`);
    assert.deepEqual({ status, signal, stdout }, { status: 0, signal: null, stdout: 'done\n' });
  });

  it('cannot be sent a policy', () => {
    const policy = new Policy({ allowOrigins: [ORIGIN] });
    const { port1 } = new MessageChannel();
    const refusal = {
      name: 'DataCloneError',
      message: /a Policy cannot be cloned or posted: load it again in each thread/,
    };
    assert.throws(() => structuredClone(policy), refusal);
    assert.throws(() => port1.postMessage({ policy }), refusal);
    port1.close();
  });
});

describe('garbage collection', () => {
  it('leaves a policy alone while one of its functions is kept', async () => {
    const document = Buffer.from(JSON.stringify({ allow_origins: [ORIGIN] }));
    const { decide } = native.compile(document);
    await collectGarbage();
    // What was freed too early would be written over by these.
    const others = Array.from({ length: 200 }, () => native.compile(document));
    assert.equal(decide(ORIGIN, '/', 'GET') & 0xff, 2);
    assert.equal(decide('https://evil.example', '/', 'GET') & 0xff, 3);
    assert.equal(others.length, 200);
  });

  it('gives the memory of a policy back', async () => {
    const origins = Array.from({ length: 50_000 }, (_, index) => `https://a${index}.example.com`);
    const document = JSON.stringify({ allow_origins: origins });
    const load = async (times) => {
      for (let round = 0; round < times; round += 1) {
        Policy.fromJson(document);
        await collectGarbage();
      }
      return process.memoryUsage().rss;
    };
    const before = await load(5);
    const grown = (await load(20)) - before;
    // Twenty times the text of the origins alone would be 25 MB.
    assert.ok(grown < 12e6, `${grown} bytes`);
  });
});

describe('a panic of the engine', () => {
  const env = { ONECORS_NATIVE_PATH: join(ROOT, 'build/panic-probe.node') };

  it('is an error, and the process goes on', () => {
    const { status, signal, stdout } = runScript(
      `
      const { Policy } = require('onecors');
      const { native } = require('./dist/native.js');
      const policy = new Policy({ allowOrigins: ['${ORIGIN}'] });
      const request = { method: 'GET', origin: '${ORIGIN}' };
      for (const call of [
        () => policy.decide(request),
        () => policy.explain(request),
        () => new Policy({ allowOrigins: ['*'] }),
        () => native.cli(['--version']),
      ]) {
        native.armPanicProbe();
        try {
          console.log('no error', call());
        } catch (error) {
          console.log(error.code, error.message);
        }
      }
      native.armPanicProbe();
      console.log(policy.checkOrigin({ origin: '${ORIGIN}' }));
      console.log(policy.decide(request).outcome);`,
      { env },
    );
    assert.deepEqual(
      { status, signal, stdout: stdout.trimEnd().split('\n') },
      {
        status: 0,
        signal: null,
        stdout: [
          'ERR_ONECORS_INTERNAL the engine panicked: the panic probe',
          'ERR_ONECORS_INTERNAL the engine panicked: the panic probe',
          'ERR_ONECORS_INTERNAL the engine panicked: the panic probe',
          'ERR_ONECORS_INTERNAL the engine panicked: the panic probe',
          'false',
          'actual_allowed',
        ],
      },
    );
  });

  it('lets an adapter allow nothing, and say so once', () => {
    const { status, stdout } = runScript(
      `
      const { Policy } = require('onecors');
      const { Adapter } = require('./dist/adapter.js');
      const { native } = require('./dist/native.js');
      const logger = { info: console.log, warn: console.log, error: console.log };
      const adapter = new Adapter(new Policy({ allowOrigins: ['${ORIGIN}'] }), { logger });
      for (const method of ['GET', 'OPTIONS']) {
        native.armPanicProbe();
        const accessControlRequestMethod = method === 'OPTIONS' ? 'GET' : undefined;
        const request = { method, path: '/', origin: '${ORIGIN}', accessControlRequestMethod };
        const { status, headers, vary } = adapter.plan(request);
        console.log(status, headers.length, vary.join());
      }
      native.armPanicProbe();
      console.log(adapter.refuses('/', '${ORIGIN}', undefined));`,
      { env },
    );
    assert.deepEqual(
      { status, stdout: stdout.trimEnd().split('\n') },
      {
        status: 0,
        stdout: [
          'onecors: denying all requests: the engine panicked: the panic probe',
          'null 0 Origin',
          '403 0 Origin',
          'true',
        ],
      },
    );
  });

  it('cannot be provoked in a package', () => {
    assert.equal('armPanicProbe' in native, false);
  });
});
