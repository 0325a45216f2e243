// The decision of the npm package. Each argument names a case: see `guard`.
'use strict';

const { readFileSync } = require('node:fs');
const { Policy } = require(process.env.PACKAGE);

const marks = { exports: {} };
process.dlopen(marks, process.env.MARKS);

// A piece of another string would have to be copied out first; what node:http gives is none.
const whole = (piece) => Buffer.from(piece).toString('latin1');

function readRequest(line) {
  const fields = line.split('\t').map((field) => (field === '' ? undefined : whole(field)));
  const [method, path, origin, accessControlRequestMethod, accessControlRequestHeaders] = fields;
  return { method, path, origin, accessControlRequestMethod, accessControlRequestHeaders };
}

function decideAll(policy, requests) {
  for (const request of requests) {
    policy.decide(request);
  }
}

for (const name of process.argv.slice(2)) {
  const [document, ...lines] = readFileSync(name, 'utf8').trimEnd().split('\n');
  const policy = Policy.fromFile(document);
  const requests = lines.map(readRequest);
  decideAll(policy, requests);
  marks.exports.begin();
  decideAll(policy, requests);
  marks.exports.end();
}
