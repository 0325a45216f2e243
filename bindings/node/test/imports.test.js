'use strict';
// No file of lib/ imports another in a circle, not even for its types.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { it } = require('node:test');

const LIB = path.join(__dirname, '..', 'lib');

/** The files that each file of lib/ imports, or passes on. */
function graph() {
  const files = fs.readdirSync(LIB, { recursive: true }).filter((name) => /\.m?ts$/.test(name));
  const imports = (name) => {
    const text = fs.readFileSync(path.join(LIB, name), 'utf8');
    return [...text.matchAll(/\bfrom '(\.[^']+)\.js'/g)].map(([, target]) =>
      path.join(path.dirname(name), `${target}.ts`),
    );
  };
  return new Map(files.map((name) => [name, imports(name)]));
}

it('lib/ has no circle', () => {
  const imports = graph();
  assert.ok(imports.size > 30);
  const finished = new Set();
  const visit = (name, way) => {
    assert.ok(!way.includes(name), [...way, name].join(' -> '));
    if (finished.has(name)) return;
    for (const target of imports.get(name)) visit(target, [...way, name]);
    finished.add(name);
  };
  for (const name of imports.keys()) visit(name, []);
});
