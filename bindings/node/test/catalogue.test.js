'use strict';
// The codes that the TypeScript half repeats, against those of the engine.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const catalogue = require('../../../tests/conformance/catalogue.json');
const { native } = require('../dist/native.js');
const { SLOTS } = require('../dist/plan.js');
const { OUTCOMES, REASONS } = require('../dist/verdict.js');

/** Codes by their numbers, as the catalogue has them. */
const byCode = (codes, first) =>
  Object.fromEntries(codes.map((code, index) => [code, index + first]));

it('has the outcomes, reasons and slots of the engine', () => {
  assert.deepEqual(byCode(OUTCOMES, 0), catalogue.outcomes);
  assert.equal(REASONS[0], null);
  assert.deepEqual(byCode(REASONS.slice(1), 1), catalogue.reasons);
  assert.deepEqual(byCode(Object.keys(SLOTS), 1), catalogue.slots);
});

it('takes documents as large as the engine does', () => {
  assert.equal(native.maxDocumentBytes, catalogue.max_document_bytes);
});
