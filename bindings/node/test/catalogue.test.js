'use strict';
// What the TypeScript half repeats of the engine, against what the engine publishes.

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { it } = require('node:test');
const explanation = require('../../../core/schema/explanation.schema.json');
const policy = require('../../../core/schema/policy.schema.json');
const catalogue = require('../../../tests/conformance/catalogue.json');
const { native } = require('../dist/native.js');
const { SLOTS } = require('../dist/plan.js');
const { OUTCOMES, REASONS } = require('../dist/verdict.js');

/** Codes by their numbers, as the catalogue has them. */
const byCode = (codes, first) =>
  Object.fromEntries(codes.map((code, index) => [code, index + first]));

const source = (file) => readFileSync(join(__dirname, '../lib', file), 'utf8');

/** The keys of an interface that a source declares, each with its type, in alphabetical order. */
function keysOf(text, name) {
  const body = new RegExp(`interface ${name} [^{]*\\{(.*?)\\n\\}`, 's').exec(text)[1];
  const keys = [...body.matchAll(/^ {2}readonly (\w+)\??: (.*);$/gm)];
  return keys.map(([, key, type]) => [key, type]).sort();
}

const camelCase = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

it('has the outcomes, reasons and slots of the engine', () => {
  assert.deepEqual(byCode(OUTCOMES, 0), catalogue.outcomes);
  assert.equal(REASONS[0], null);
  assert.deepEqual(byCode(REASONS.slice(1), 1), catalogue.reasons);
  assert.deepEqual(byCode(Object.keys(SLOTS), 1), catalogue.slots);
});

it('takes documents as large as the engine does', () => {
  assert.equal(native.maxDocumentBytes, catalogue.max_document_bytes);
});

it('has the options of the document', () => {
  const keys = (schema) => Object.keys(schema.properties).map(camelCase);
  const rule = keysOf(source('options.ts'), 'RuleOptions').map(([key]) => key);
  const pathRule = keysOf(source('options.ts'), 'PathRuleOptions').map(([key]) => key);
  const single = keys(policy.$defs.SingleRule).filter((key) => key !== '$schema');
  assert.deepEqual(rule, single.sort());
  assert.deepEqual([...rule, ...pathRule].sort(), keys(policy.$defs.ListedRule).sort());

  const optOuts = policy.$defs.OptOut.oneOf.map((optOut) => optOut.const);
  const [, union] = /type OptOut =(.*?);/s.exec(source('options.ts'));
  assert.deepEqual([...union.matchAll(/'(\w+)'/g)].map(([, code]) => code).sort(), optOuts.sort());
});

it('has the shape of an explanation, null included', () => {
  const mayBeNull = ({ type, anyOf }) =>
    [type].flat().includes('null') || (anyOf ?? []).some((schema) => schema.type === 'null');
  for (const [name, schema] of [
    ['Explanation', explanation],
    ...Object.entries(explanation.$defs),
  ]) {
    assert.deepEqual(
      keysOf(source('explanation.ts'), name).map(([key, type]) => [key, type.endsWith('| null')]),
      Object.entries(schema.properties)
        .map(([key, value]) => [key, mayBeNull(value)])
        .sort(),
      name,
    );
  }
});
