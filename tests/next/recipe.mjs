// Writes the files of the README's recipe for Next.js into a folder, word for word.

import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const README = join(import.meta.dirname, '../../bindings/node/README.md');
const FILES = ['app/items/route.js', 'cors.js', 'next.config.mjs', 'proxy.js', 'server.mjs'];

const [, , folder] = process.argv;
const [, text = ''] = readFileSync(README, 'utf8').split('### Next.js\n');
const [section] = text.split('\n### ');
const files = new Map();
for (const [block, name] of section.matchAll(/(?<=^```js\n)\/\/ (\S+)\n.*?(?=^```$)/gms)) {
  files.set(name, block);
}
if (String([...files.keys()].sort()) !== String(FILES)) {
  throw new Error(`the recipe of the README has the files ${[...files.keys()]}, not ${FILES}`);
}
for (const [name, block] of files) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), block);
}
