'use strict';
// What crosses from JavaScript into the engine: every string whole, as UTF-8, or denied.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const vm = require('node:vm');
const { Policy } = require('onecors');
const { ORIGIN } = require('./helpers.js');

/** The bytes that fit the buffer on the stack, which the library makes 1,024 with the final NUL. */
const BUFFER = 1023;
/** The longest part that is copied at all. */
const LIMIT = 1024 * 1024;
/** Lengths on both sides of the end of the buffer, for the longest text that is cut off below. */
const AROUND_THE_BUFFER = Array.from({ length: 24 }, (_, index) => BUFFER - 12 + index);

const PARTS = [
  'method',
  'path',
  'origin',
  'accessControlRequestMethod',
  'accessControlRequestHeaders',
];

const preflight = (rest) => ({
  method: 'OPTIONS',
  origin: ORIGIN,
  accessControlRequestMethod: 'GET',
  ...rest,
});

describe('what is no ordinary string', () => {
  const policy = new Policy({ allowOrigins: [ORIGIN], allowHeaders: ['x-ok'] });
  const reason = (origin) => policy.decide({ method: 'GET', origin }).reason;

  it('does not fold a character into Latin-1', () => {
    assert.equal(reason(ORIGIN), null);
    for (let index = 0; index < ORIGIN.length; index += 1) {
      for (const high of [0x0100, 0x4100, 0xff00]) {
        const folded = String.fromCharCode(ORIGIN.charCodeAt(index) | high);
        const origin = ORIGIN.slice(0, index) + folded + ORIGIN.slice(index + 1);
        assert.equal(reason(origin), 'malformed_origin', origin);
      }
    }
  });

  it('denies lone surrogates, and never throws', () => {
    for (const lone of ['\ud800', '\udfff', '\udc00\ud800']) {
      assert.equal(reason(`${ORIGIN}${lone}`), 'malformed_origin');
      assert.equal(reason(`${lone}${ORIGIN}`), 'malformed_origin');
      assert.equal(reason(lone), 'malformed_origin');
      assert.equal(
        policy.decide(preflight({ accessControlRequestMethod: `GET${lone}` })).reason,
        'malformed_request_method',
      );
      assert.equal(
        policy.decide(preflight({ accessControlRequestHeaders: `x-ok${lone}` })).reason,
        'malformed_request_headers',
      );
    }
  });

  it('does not end at a NUL', () => {
    assert.equal(reason(`${ORIGIN}\0`), 'malformed_origin');
    assert.equal(reason(`${ORIGIN}\0.evil.example`), 'malformed_origin');
    assert.equal(
      policy.decide(preflight({ accessControlRequestHeaders: 'x-ok\0,x-evil' })).reason,
      'malformed_request_headers',
    );
    assert.equal(policy.decide({ method: 'OPTIONS\0', origin: ORIGIN }).outcome, 'actual_allowed');
  });
});

describe('types', () => {
  const policy = new Policy({ allowOrigins: [ORIGIN] });

  it('refuses what is no string, and names the part', () => {
    const wrong = [
      [[ORIGIN], /not an array: join the lines/],
      [[], /not an array/],
      [new vm.Script('[]').runInNewContext(), /not an array/],
      [{}, /not an object/],
      [new String(ORIGIN), /not an object/],
      [Buffer.from(ORIGIN), /not an object/],
      [1, /not a number/],
      [true, /not a boolean/],
      [Symbol('x'), /not a symbol/],
      [() => ORIGIN, /not a function/],
      [1n, /not a value of another type/],
    ];
    for (const part of PARTS) {
      for (const [value, message] of wrong) {
        const request = preflight({ path: '/', [part]: value });
        for (const call of ['decide', 'explain']) {
          assert.throws(
            () => policy[call](request),
            (error) => {
              assert.ok(error instanceof TypeError);
              assert.equal(error.code, 'ERR_INVALID_ARG_TYPE');
              assert.match(
                error.message,
                new RegExp(`^${part} must be a string, undefined or null`),
              );
              assert.match(error.message, message);
              return true;
            },
          );
        }
      }
    }
    assert.throws(() => policy.decide(undefined), TypeError);
  });

  it('works across realms', () => {
    const context = vm.createContext({ policy, Policy, ORIGIN });
    const run = (code) => vm.runInContext(code, context);
    assert.equal(
      run("policy.decide({ method: ['G', 'ET'].join(''), origin: ORIGIN }).outcome"),
      'actual_allowed',
    );
    assert.equal(run('new Policy({ allowOrigins: [ORIGIN] }).plans.length > 0'), true);
    assert.throws(() => run('new Policy({ allowOrigins: [/x/] })'), /is a RegExp/);
    const bytes = run('new Uint8Array([123, 125])');
    assert.throws(() => Policy.fromJson(bytes), { code: 'ERR_ONECORS_POLICY' });
  });
});

// In each of these, a value that is cut off at the end of the buffer would be allowed.
describe('the end of the buffer', () => {
  it('cuts nothing off a list of header names', () => {
    const policy = new Policy({ allowOrigins: [ORIGIN], allowHeaders: ['x-ok'] });
    const reason = (list) => policy.decide(preflight({ accessControlRequestHeaders: list })).reason;
    for (const length of AROUND_THE_BUFFER) {
      const list = 'x-ok'.padEnd(length);
      assert.equal(reason(list), null, `${length} bytes`);
      assert.equal(reason(`${list},x-evil`), 'header_not_allowed', `${length} bytes and a name`);
      for (const tail of ['(', '\u00e9', '\u20ac', '\u{1f600}', '\ud800', '\udc00', '\0']) {
        assert.equal(
          reason(list + tail),
          'malformed_request_headers',
          `${length} bytes and ${tail}`,
        );
      }
    }
  });

  it('cuts nothing off a requested method', () => {
    const listed = 'A'.repeat(BUFFER);
    const policy = new Policy({ allowOrigins: [ORIGIN], allowMethods: [listed, `${listed}AAA`] });
    const reason = (method) =>
      policy.decide(preflight({ accessControlRequestMethod: method })).reason;
    assert.equal(reason(listed), null);
    assert.equal(reason(`${listed}AAA`), null);
    for (const method of [listed.slice(1), `${listed}A`, `${listed}AA`, `${listed}AAAA`]) {
      assert.equal(reason(method), 'method_not_allowed', `${method.length} bytes`);
    }
    for (const tail of ['(', '\u00e9', '\u20ac', '\u{1f600}', '\ud800']) {
      for (const kept of [0, 1, 2, 3]) {
        const method = listed.slice(kept) + tail;
        assert.equal(reason(method), 'malformed_request_method', `${method.length} units`);
      }
    }
  });

  it('cuts nothing off a path', () => {
    const policy = new Policy({ rules: [{ paths: ['/open/*'], allowOrigins: [ORIGIN] }] });
    const outcome = (path) => policy.decide({ method: 'GET', path, origin: ORIGIN }).outcome;
    for (const length of AROUND_THE_BUFFER) {
      const path = '/open/'.padEnd(length, 'a');
      assert.equal(outcome(path), 'actual_allowed', `${length} bytes`);
      assert.equal(outcome(`${path}/../..`), 'ungoverned', `${length} bytes and two steps up`);
      assert.equal(
        outcome(`${path}\u20ac/../..`),
        'ungoverned',
        `${length} bytes, a wide character`,
      );
    }
  });

  it('denies an origin that is longer than any origin', () => {
    const policy = new Policy({ allowOrigins: ['*'] });
    const reason = (origin) => policy.decide(preflight({ origin })).reason;
    for (const length of AROUND_THE_BUFFER) {
      assert.equal(reason(`https://${'a.'.repeat(length / 2)}`), 'malformed_origin');
    }
  });
});

describe('the longest part that is copied', () => {
  it('is denied when it is longer, whatever the part', () => {
    const policy = new Policy({
      rules: [
        { paths: ['/open/*'], allowOrigins: [ORIGIN], allowMethods: ['*'], allowHeaders: ['*'] },
      ],
    });
    const decide = (rest) => policy.decide(preflight({ path: '/open/x', ...rest }));
    const path = '/open/'.padEnd(LIMIT, 'a');
    assert.equal(decide({ path }).outcome, 'preflight_allowed');
    assert.equal(decide({ path: `${path}a` }).outcome, 'ungoverned');
    assert.equal(decide({ path: `${path.slice(2)}\u20ac` }).outcome, 'ungoverned');

    const token = 'a'.repeat(LIMIT);
    assert.equal(decide({ accessControlRequestMethod: token }).outcome, 'preflight_allowed');
    assert.equal(
      decide({ accessControlRequestMethod: `${token}a` }).reason,
      'malformed_request_method',
    );

    for (const length of [8192, 8193, LIMIT, LIMIT + 1, LIMIT + 4]) {
      assert.equal(
        decide({ accessControlRequestHeaders: 'a'.repeat(length) }).reason,
        length > 8192 ? 'too_many_headers' : null,
        `${length} bytes`,
      );
    }

    for (const length of [LIMIT, LIMIT + 1]) {
      const origin = 'https://'.padEnd(length, 'a');
      assert.equal(decide({ origin }).reason, 'malformed_origin');
      assert.equal(decide({ method: 'OPTIONS'.padEnd(length) }).outcome, 'actual_allowed');
    }
  });

  it('is all that a request can make the library allocate', () => {
    const policy = new Policy({ allowOrigins: [ORIGIN] });
    const size = 64 * 1024 * 1024;
    const huge = Buffer.alloc(size, 'a').toString('latin1');
    const before = process.resourceUsage().maxRSS;
    for (const part of PARTS) {
      policy.decide(preflight({ [part]: huge }));
    }
    const grown = (process.resourceUsage().maxRSS - before) * 1024;
    assert.ok(grown < size / 2, `${grown} bytes`);
  });
});
