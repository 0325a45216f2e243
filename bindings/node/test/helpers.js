'use strict';

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

/** The directory of the binding. */
const ROOT = join(__dirname, '..');

/** An origin that the policies of the tests allow. */
const ORIGIN = 'https://app.example.com';

/** Runs a script in a node of its own, which may crash without taking the tests along. */
function runScript(script, { env = {}, cwd = ROOT } = {}) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ONECORS_NATIVE_PATH: undefined, ...env },
  });
  return { status, signal, stdout, stderr };
}

/** Collects garbage, and lets the finalisers run. */
async function collectGarbage() {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

module.exports = { collectGarbage, ORIGIN, ROOT, runScript };
