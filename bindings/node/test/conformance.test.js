'use strict';
// Runs the vectors of tests/conformance/, the same that every language runs. Its last line says how
// many cases ran and how many passed.

const assert = require('node:assert/strict');
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Policy, PolicyError } = require('onecors');

const VECTORS = join(__dirname, '../../../tests/conformance');

const PARTS = {
  method: 'method',
  path: 'path',
  origin: 'origin',
  access_control_request_method: 'accessControlRequestMethod',
  access_control_request_headers: 'accessControlRequestHeaders',
};

let run = 0;
let passed = 0;

/** Fails unless an object has all of the required keys, and no others but the optional ones. */
function hasKeys(object, required, optional = []) {
  const keys = Object.keys(object);
  for (const key of required) {
    assert.ok(keys.includes(key), `"${key}" is missing`);
  }
  for (const key of keys) {
    assert.ok([...required, ...optional].includes(key), `"${key}" is an unknown field`);
  }
}

/** The bytes that a string, `{hex}`, `{concat}` or `{repeat, count}` stands for. */
function bytes(form) {
  if (typeof form === 'string') {
    return Buffer.from(form);
  }
  if ('hex' in form) {
    hasKeys(form, ['hex']);
    assert.match(form.hex, /^([0-9a-f]{2})*$/);
    return Buffer.from(form.hex, 'hex');
  }
  if ('concat' in form) {
    hasKeys(form, ['concat']);
    return Buffer.concat(form.concat.map(bytes));
  }
  hasKeys(form, ['repeat', 'count']);
  const unit = bytes(form.repeat);
  return Buffer.alloc(form.count * unit.length, unit);
}

/** A request field as JavaScript has it: bytes that are not UTF-8 as U+FFFD. */
const text = (form) => bytes(form).toString('utf8');

function checkDecision(policy, { request, expect }) {
  hasKeys(request, [], Object.keys(PARTS));
  hasKeys(expect, ['outcome', 'reason', 'status', 'headers']);
  const parts = Object.fromEntries(
    Object.entries(request).map(([name, form]) => [PARTS[name], text(form)]),
  );
  const verdict = policy.decide(parts);
  const headers = expect.headers.map(([name, value]) => [name, text(value)]);
  assert.deepEqual(
    {
      outcome: verdict.outcome,
      reason: verdict.reason,
      status: verdict.plan.status,
      headers: verdict.plan.lines(parts),
    },
    { ...expect, headers },
  );
  checkShortcuts(policy, parts, verdict);
  const explanation = policy.explain(parts);
  assert.equal(explanation.outcome, expect.outcome);
  assert.equal(explanation.reason, expect.reason);
}

/** What adapters take instead, because it costs less, is the same. */
function checkShortcuts(policy, parts, verdict) {
  const { method, path, origin } = parts;
  const isUniform = policy.notCors !== null;
  if (method !== 'OPTIONS') {
    assert.equal(policy.decideActual(origin, isUniform ? undefined : path), verdict);
  }
  if (isUniform && origin === undefined) assert.equal(policy.notCors, verdict);
  const { plan } = verdict;
  const lines = plan.lines(parts).flatMap(([name, value]) => [name.toLowerCase(), value]);
  const vary = plan.vary.length > 0 ? ['vary', plan.varyLine] : [];
  assert.deepEqual([...plan.fields(parts), ...vary], lines);
  const length = plan.status === 204 ? [] : ['content-length', '0'];
  assert.deepEqual(plan.answer(parts), [...lines, ...length]);
}

const place = ({ pointer, code }) => `${pointer} ${code}`;
const byPlace = (a, b) => (place(a) < place(b) ? -1 : 1);

function checkDocument(vector) {
  const document =
    'text' in vector ? bytes(vector.text) : Buffer.from(JSON.stringify(vector.document));
  let problems = [];
  try {
    Policy.fromJson(document);
  } catch (error) {
    assert.ok(error instanceof PolicyError, error);
    problems = [...error.problems];
  }
  problems.sort(byPlace);
  const expected = [...vector.problems].sort(byPlace);
  assert.deepEqual(problems.map(place), expected.map(place));
  expected.forEach((problem, index) => {
    hasKeys(problem, ['code', 'pointer'], ['help']);
    if ('help' in problem) {
      assert.equal(problems[index].help, problem.help);
    }
  });
}

function check(where, vector, test) {
  run += 1;
  try {
    test(vector);
    passed += 1;
  } catch (error) {
    console.log(`FAILED ${where}: ${vector.name}\n${error.message}\n`);
  }
}

function runDecisions(where, file) {
  hasKeys(file, ['description', 'groups']);
  for (const group of file.groups) {
    hasKeys(group, ['name', 'policy', 'cases']);
    const policy = Policy.fromJson(JSON.stringify(group.policy));
    for (const vector of group.cases) {
      hasKeys(vector, ['name', 'source', 'request', 'expect']);
      check(`${where}, ${group.name}`, vector, () => checkDecision(policy, vector));
    }
  }
}

function runDocuments(where, file) {
  hasKeys(file, ['description', 'cases']);
  for (const vector of file.cases) {
    const form = 'text' in vector ? 'text' : 'document';
    hasKeys(vector, ['name', 'source', form, 'problems']);
    check(where, vector, () => checkDocument(vector));
  }
}

/** Counts the cases without knowing how the files are made up. */
function countCases(json) {
  let count = 0;
  JSON.parse(json, (key, value) => {
    if (key === 'cases' && Array.isArray(value)) {
      count += value.length;
    }
    return value;
  });
  return count;
}

let expected = 0;
for (const [folder, runFile] of [
  ['decisions', runDecisions],
  ['documents', runDocuments],
]) {
  const names = readdirSync(join(VECTORS, folder)).filter((name) => name.endsWith('.json'));
  assert.ok(names.length > 0, `tests/conformance/${folder} has no files`);
  for (const name of names.sort()) {
    const json = readFileSync(join(VECTORS, folder, name), 'utf8');
    const before = run;
    expected += countCases(json);
    runFile(`${folder}/${name}`, JSON.parse(json));
    assert.ok(run > before, `${folder}/${name} has no cases`);
  }
}

if (run !== expected) {
  console.log(`the files have ${expected} cases`);
}
if (run !== passed || run !== expected) {
  process.exitCode = 1;
}
const line = `conformance node: ${run} run, ${passed} passed`;
const report = process.env.ONECORS_CONFORMANCE_REPORT;
if (report) {
  writeFileSync(join(report, 'node.txt'), `${line}\n`);
}
console.log(line);
