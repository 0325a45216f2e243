// Refuses to pack a native library that was built for the tests, or for a newer system. npm runs this
// before it packs.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The minor version of the oldest supported glibc: 2.17, of RHEL 7, for which there are builds of Node.js 18. */
const GLIBC_MINOR = 17;

const library = fileURLToPath(new URL('../prebuilds/linux-x64-gnu/onecors.node', import.meta.url));
const require = createRequire(import.meta.url);
const native = require(library);
const { version } = require('../package.json');
const problems = new Set();

const versions = execFileSync('readelf', ['--version-info', '--wide', library], {
  encoding: 'utf8',
});
for (const [name, minor] of versions.matchAll(/GLIBC_2\.(\d+)/g)) {
  if (Number(minor) > GLIBC_MINOR) {
    problems.add(`needs ${name}, but must run on 2.${GLIBC_MINOR}`);
  }
}
if (native.version !== version) {
  problems.add(`is version ${native.version}, but the package is version ${version}`);
}
if ('armPanicProbe' in native) {
  problems.add('has the panic probe of the tests');
}

if (problems.size > 0) {
  console.error(`${library} cannot be packed; build it with \`make dist\`:`);
  for (const problem of problems) {
    console.error(`  it ${problem}`);
  }
  process.exit(1);
}
