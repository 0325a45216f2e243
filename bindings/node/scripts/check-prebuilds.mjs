// Refuses to pack a native library that would not run where its package is installed. npm runs this
// before it packs.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The oldest glibc to run on: that of RHEL 7, for which there are builds of Node.js 18. */
const GLIBC = [2, 17];
/** What the system has in any case; libgcc_s is not among them. */
const SYSTEM_LIBRARIES = /^(libc|libm|libdl|libpthread|librt|ld-linux-x86-64)\.so\.\d+$/;

const library = fileURLToPath(new URL('../prebuilds/linux-x64-gnu/onecors.node', import.meta.url));
const require = createRequire(import.meta.url);
const readelf = (option) =>
  execFileSync('readelf', [option, '--wide', library], { encoding: 'utf8' });

const problems = [];

for (const [name, major, minor] of readelf('--version-info').matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
  if (Number(major) > GLIBC[0] || (Number(major) === GLIBC[0] && Number(minor) > GLIBC[1])) {
    problems.push(`needs ${name}, and glibc ${GLIBC.join('.')} must do`);
  }
}

const dynamic = readelf('--dynamic');
for (const [, name] of dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)) {
  if (!SYSTEM_LIBRARIES.test(name)) {
    problems.push(`needs ${name}, which is not on every system`);
  }
}
if (!/\(FLAGS_1\).*\bNODELETE\b/.test(dynamic)) {
  problems.push(
    'may be unloaded with the worker that loaded it: it is not linked with -z nodelete',
  );
}

const native = require(library);
const { version } = require('../package.json');
if (native.version !== version) {
  problems.push(`has version ${native.version}, and the package has ${version}`);
}
if ('armPanicProbe' in native) {
  problems.push('has the panic probe of the tests');
}

if (problems.length > 0) {
  console.error(`${library} cannot be packed; build it with \`make dist\`:`);
  for (const problem of new Set(problems)) {
    console.error(`  it ${problem}`);
  }
  process.exit(1);
}
