// Measures every framework with every set of origins, and prints a JSON line for each result. Each pair
// has a process of its own, as a service has: what V8 learns of one does not serve another.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FRAMEWORKS } from './frameworks/index.mjs';
import { scenarios } from './policy.mjs';

const SETS = process.env.QUICK
  ? ['exact-10', 'regex-100']
  : Object.keys(scenarios.origins).filter((name) => name !== 'wildcard-1000');
const PACKAGES = ['onecors', 'express', 'cors', 'fastify', '@fastify/cors', 'koa', '@koa/cors'];

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function run(...args) {
  const script = new URL('one.mjs', import.meta.url).pathname;
  const command = ['-c', '1', process.execPath, script, ...args];
  const { status, stdout } = spawnSync('taskset', command, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`one.mjs ${args.join(' ')} failed`);
  process.stdout.write(stdout);
}

print({ part: 'version', subject: 'node', version: process.versions.node });
for (const name of PACKAGES) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  print({ part: 'version', subject: name, version: JSON.parse(readFileSync(file)).version });
}
for (const framework of Object.keys(FRAMEWORKS)) {
  for (const set of SETS) {
    console.error(`${framework}, ${set}`);
    run('adapter', framework, set);
  }
  console.error(`${framework}, hostile`);
  run('hostile', framework);
}
