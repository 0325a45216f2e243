'use strict';
// Runs the vectors of tests/conformance/responses: what applying a plan makes of a response's header.

const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const { ServerResponse } = require('node:http');
const { join } = require('node:path');
const test = require('node:test');
const { Policy } = require('onecors');
const { Adapter } = require('../dist/adapter.js');
const { apply, fieldsWith } = require('../dist/apply.js');
const { HeadersView } = require('../dist/fetch-exchange.js');

const VECTORS = join(__dirname, '../../../tests/conformance/responses');

/** The header of `node:http`, as lines in lower case; a value may be an array of lines. */
function nodeHeader(lines) {
  const response = new ServerResponse({ method: 'GET' });
  for (const [name, value] of lines) response.appendHeader(name, value);
  const result = () =>
    Object.entries(response.getHeaders()).flatMap(([name, value]) =>
      [value].flat().map((line) => [name, line]),
    );
  return { response, result };
}

/** The header of the Fetch API; it joins lines, but for those of `Set-Cookie`. */
function fetchHeader(lines) {
  const headers = new Headers();
  for (const [name, value] of lines) headers.append(name, value);
  return { response: new HeadersView(headers), result: () => [...headers] };
}

/** The same header as an object for `writeHead`, and the lines of what is written in its place. */
function writtenAtOnce(plan, parts, lines) {
  const given = {};
  for (const [name, value] of lines) {
    const same = Object.keys(given).find((known) => known.toLowerCase() === name.toLowerCase());
    if (same === undefined) given[name] = value;
    else given[same] = [given[same], value].flat();
  }
  const written = [];
  const fields = fieldsWith(plan, parts, given);
  for (let index = 0; index < fields.length; index += 2) {
    for (const line of [fields[index + 1]].flat()) written.push([fields[index], line]);
  }
  return written;
}

/** Lines in lower case and in order; those of `Vary` as one. */
function normalised(lines) {
  const lower = lines.map(([name, value]) => [name.toLowerCase(), value]);
  const vary = lower.filter(([name]) => name === 'vary').map(([, value]) => value);
  const others = lower.filter(([name]) => name !== 'vary');
  return [...others, ...(vary.length > 0 ? [['vary', vary.join(', ')]] : [])].sort();
}

function check({ document, request, response: lines, expect }) {
  const parts = {
    method: request.method,
    path: request.path,
    origin: request.origin,
    accessControlRequestMethod: request.access_control_request_method,
    accessControlRequestHeaders: request.access_control_request_headers,
  };
  const policy = Policy.fromJson(JSON.stringify(document));
  const plan = new Adapter(policy, { logger: false }).plan(parts);
  assert.equal(plan && plan.status, expect.status);
  if (plan !== null) {
    const written = writtenAtOnce(plan, parts, lines);
    assert.deepEqual(normalised(written), normalised(expect.headers), 'at once');
  }
  for (const header of [nodeHeader, fetchHeader]) {
    const { response, result } = header(lines);
    // Twice, because a second adapter must not double anything.
    for (let round = 0; round < 2; round += 1) {
      if (plan !== null) apply(plan, parts, response);
      assert.deepEqual(normalised(result()), normalised(expect.headers), header.name);
    }
  }
}

const files = readdirSync(VECTORS);
assert.ok(files.length > 0, 'tests/conformance/responses has no files');
for (const file of files) {
  const { cases } = JSON.parse(readFileSync(join(VECTORS, file), 'utf8'));
  assert.ok(cases.length > 0, `${file} has no cases`);
  for (const vector of cases) {
    test(vector.name, () => {
      check(vector);
    });
  }
}
