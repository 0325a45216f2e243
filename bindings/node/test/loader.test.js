'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { ROOT, runScript } = require('./helpers.js');

const VERSION = require('onecors/package.json').version;
const LIBRARY = 'prebuilds/linux-x64-gnu/onecors.node';

describe('the loader', () => {
  let folder;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'onecors-'));
    for (const part of ['package.json', 'dist', 'prebuilds']) {
      const target = path.join(folder, 'node_modules/onecors', part);
      fs.cpSync(path.join(ROOT, part), target, { recursive: true });
    }
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const installed = (file) => path.join(folder, 'node_modules/onecors', file);
  const script = `
    try {
      console.log(require('onecors').version);
    } catch (error) {
      console.log(error.code + '\\n' + error.message + '\\n' + Boolean(error.cause));
    }`;
  const load = (env, preamble = '') => {
    const { status, stdout } = runScript(preamble + script, { cwd: folder, env });
    assert.equal(status, 0);
    return stdout.trimEnd();
  };

  it('finds the library of the package', () => {
    assert.equal(load({}), VERSION);
    assert.equal(load({ ONECORS_NATIVE_PATH: '' }), VERSION);
  });

  it('takes the library that ONECORS_NATIVE_PATH names, and only that', () => {
    fs.copyFileSync(installed(LIBRARY), path.join(folder, 'libonecors_node.so'));
    assert.equal(load({ ONECORS_NATIVE_PATH: 'libonecors_node.so' }), VERSION);
    const text = load({ ONECORS_NATIVE_PATH: '/missing/onecors.node' });
    assert.match(text, /^ERR_ONECORS_NATIVE\nonecors \S+ has no usable native library on /);
    assert.match(text, /tried \/missing\/onecors\.node: .*cannot open shared object file/);
    assert.match(text, /ONECORS_NATIVE_PATH is set, so no other library was tried/);
  });

  it('shows what it is given escaped', () => {
    const text = load({ ONECORS_NATIVE_PATH: '/missing\x1b[31m\u202e\nall is well' });
    assert.match(text, /tried \/missing\\u\{1b\}\[31m\\u\{202e\}\\u\{a\}all is well: /);
    assert.ok(!text.includes('\x1b') && !text.includes('\u202e'), JSON.stringify(text));
    assert.doesNotMatch(text, /^all is well/m);
  });

  it('names the cause when a library cannot be loaded', () => {
    const broken = path.join(folder, 'broken.node');
    fs.writeFileSync(broken, 'no library');
    assert.match(
      load({ ONECORS_NATIVE_PATH: broken }),
      /tried .*broken\.node: .*(ELF|file too short)/,
    );
  });

  it('says what to do on a system without a library', () => {
    const preamble = "Object.defineProperty(process, 'platform', { value: 'aix' });";
    const text = load({}, preamble);
    assert.match(text, /no usable native library on aix-x64/);
    assert.match(text, /contains libraries only for linux-x64 \(glibc\)/);
    assert.match(text, /set ONECORS_NATIVE_PATH to its path/);
  });

  it('says what to reinstall when the two halves differ or one is gone', () => {
    const manifest = installed('package.json');
    const content = fs.readFileSync(manifest, 'utf8');
    fs.writeFileSync(manifest, content.replace(`"version": "${VERSION}"`, '"version": "0.0.9"'));
    const mismatch = load({});
    const override = load({ ONECORS_NATIVE_PATH: installed(LIBRARY) });
    fs.writeFileSync(manifest, content);
    assert.match(mismatch, /^ERR_ONECORS_NATIVE\n/);
    assert.ok(override.includes(`${VERSION}, but the JavaScript files are version 0.0.9`));
    assert.ok(
      mismatch.includes(
        `${LIBRARY} is version ${VERSION}, but the JavaScript files are version 0.0.9`,
      ),
    );
    assert.match(mismatch, /Reinstall with: npm install onecors@0\.0\.9/);

    fs.rmSync(installed(LIBRARY));
    assert.match(load({}), /tried prebuilds\/linux-x64-gnu\/onecors\.node: Cannot find module/);
  });

  it('gives both module systems the same exports', async () => {
    for (const [module, expected] of [
      ['onecors', ['LivePolicy', 'Policy', 'PolicyError', 'version']],
      ['onecors/http', ['cors', 'wrap']],
      ['onecors/fastify', ['cors']],
      ['onecors/koa', ['cors']],
      ['onecors/hono', ['cors']],
      ['onecors/fetch', ['cors']],
    ]) {
      const required = require(module);
      const imported = await import(module);
      for (const name of expected) {
        assert.equal(imported[name], required[name]);
      }
      assert.deepEqual(Object.keys(imported).sort(), expected);
    }
  });

  it('loads no framework', () => {
    const { status, stdout } = runScript(`
      for (const part of ['', '/http', '/fastify', '/koa', '/hono', '/fetch']) require('onecors' + part);
      const foreign = Object.keys(require.cache).filter((file) => file.includes('node_modules'));
      console.log(foreign.length);`);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '0\n' });
  });
});
