'use strict';
// The command that the package installs, started as npm starts it.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { bin, version } = require('onecors/package.json');
const { ROOT } = require('./helpers.js');

const GOOD = '{ "allow_origins": ["https://app.example.com"] }';

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecors-cli-'));
  // npm makes the file executable, and a link to it.
  chmodSync(join(ROOT, bin.onecors), 0o755);
  symlinkSync(join(ROOT, bin.onecors), join(folder, 'onecors'));
  writeFileSync(join(folder, 'good.json'), GOOD);
  writeFileSync(join(folder, 'b\u00e4d.json'), '{ "allow_origins": ["https://app.example.com/"] }');
});
after(() => rmSync(folder, { recursive: true }));

function onecors(args, input = '') {
  const options = { cwd: folder, encoding: 'utf8', input };
  const { status, stdout, stderr } = spawnSync('./onecors', args, options);
  return { status, stdout, stderr };
}

describe('the command', () => {
  it('has the version of the package', () => {
    const expected = { status: 0, stdout: `onecors ${version}\n`, stderr: '' };
    assert.deepEqual(onecors(['--version']), expected);
  });

  it('checks a document', () => {
    assert.deepEqual(onecors(['check', 'good.json']), { status: 0, stdout: '', stderr: '' });
    const { status, stderr } = onecors(['check', 'b\u00e4d.json']);
    assert.equal(status, 1);
    assert.match(stderr, /\/allow_origins\/0/);
    assert.equal(onecors(['check', 'missing.json']).status, 2);
  });

  it('exports a policy from standard input', () => {
    const { status, stdout } = onecors(['export', '-', '--to', 'aws-http'], GOOD);
    assert.equal(status, 0);
    assert.match(stdout, /"AllowOrigins"/);
    assert.ok(stdout.endsWith('\n'));
  });
});
