'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Policy, PolicyError, version } = require('onecors');
const { ORIGIN } = require('./helpers.js');

const DOCUMENT = JSON.stringify({
  allow_origins: [ORIGIN],
  allow_credentials: true,
  allow_methods: ['PUT'],
  max_age: 600,
});

const PREFLIGHT = { method: 'OPTIONS', origin: ORIGIN, accessControlRequestMethod: 'PUT' };

/** The problems of a document, as codes and pointers. */
function problemsOf(make) {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof PolicyError, error);
    return error.problems.map(({ code, pointer }) => `${code} ${pointer}`);
  }
  return [];
}

describe('loading', () => {
  it('takes text, and bytes of any kind of memory', () => {
    const bytes = new TextEncoder().encode(DOCUMENT);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const inside = Buffer.from(`##${DOCUMENT}##`).subarray(2, -2);
    for (const document of [DOCUMENT, bytes, Buffer.from(DOCUMENT), shared, inside]) {
      assert.equal(Policy.fromJson(document).decide(PREFLIGHT).outcome, 'preflight_allowed');
    }
  });

  it('tells every problem at once, in one readable text', () => {
    const document = '{"allow_origins": ["localhost:3000", "https://a.example/"], "max_age": -1}';
    assert.throws(
      () => Policy.fromJson(document),
      (error) => {
        assert.ok(error instanceof PolicyError);
        assert.ok(error instanceof Error);
        assert.equal(error.name, 'PolicyError');
        assert.equal(error.code, 'ERR_ONECORS_POLICY');
        assert.equal(error.path, null);
        assert.deepEqual(
          error.problems.map(({ code }) => code),
          ['missing_scheme', 'trailing_slash', 'max_age_out_of_bounds'],
        );
        assert.match(error.message, /^the policy document has 3 problems\n/);
        assert.match(error.message, /\/allow_origins\/1: .*\n {4}help: .*https:\/\/a\.example/);
        assert.match(error.stack, /^PolicyError: the policy/);
        assert.ok(Object.isFrozen(error.problems) && Object.isFrozen(error.problems[0]));
        return true;
      },
    );
  });

  it('refuses text that has no UTF-8', () => {
    assert.deepEqual(
      problemsOf(() => Policy.fromJson('{"description": "\ud800", "allow_origins": ["*"]}')),
      ['invalid_json '],
    );
    assert.deepEqual(
      problemsOf(() => Policy.fromJson(Buffer.from([0x22, 0xff, 0x22]))),
      ['invalid_json '],
    );
    assert.equal(
      Policy.fromJson('{"description": "😀", "allow_origins": ["*"]}').plans.length > 0,
      true,
    );
  });

  it('refuses an empty and a huge document', () => {
    assert.deepEqual(
      problemsOf(() => Policy.fromJson('')),
      ['invalid_json '],
    );
    assert.deepEqual(
      problemsOf(() => Policy.fromJson(new Uint8Array(0))),
      ['invalid_json '],
    );
    const huge = 100 * 1024 * 1024;
    assert.deepEqual(
      problemsOf(() => Policy.fromJson(' '.repeat(huge))),
      ['document_too_large '],
    );
    assert.deepEqual(
      problemsOf(() => Policy.fromJson(new Uint8Array(huge))),
      ['document_too_large '],
    );
  });

  it('survives nesting that is 10,000 deep', () => {
    assert.deepEqual(
      problemsOf(() => Policy.fromJson('['.repeat(10000) + ']'.repeat(10000))),
      ['invalid_json '],
    );
  });

  it('says what to do with an object', () => {
    for (const document of [
      { allow_origins: ['*'] },
      undefined,
      null,
      1,
      [1],
      new ArrayBuffer(2),
    ]) {
      assert.throws(() => Policy.fromJson(document), {
        name: 'TypeError',
        message: /string or a Uint8Array.*new Policy/,
      });
    }
  });
});

describe('loading from a file', () => {
  let folder;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'onecors-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  function file(name, content) {
    const place = path.join(folder, name);
    fs.writeFileSync(place, content);
    return place;
  }

  it('takes a path and a URL', () => {
    const place = file('policy ü.json', DOCUMENT);
    for (const form of [place, pathToFileURL(place)]) {
      assert.equal(Policy.fromFile(form).decide(PREFLIGHT).outcome, 'preflight_allowed');
    }
  });

  it('reads a file that is larger than one read', () => {
    const place = file('long.json', ' '.repeat(300_000) + DOCUMENT);
    assert.equal(Policy.fromFile(place).decide(PREFLIGHT).outcome, 'preflight_allowed');
  });

  it('names the path before the problems', () => {
    const place = file('bad.json', '{"allow_origins": []}');
    assert.throws(
      () => Policy.fromFile(place),
      (error) => {
        assert.ok(error instanceof PolicyError);
        assert.equal(error.path, place);
        assert.ok(error.message.startsWith(`${place}: the policy document has 1 problem\n`));
        assert.equal(error.problems[0].code, 'empty_list');
        return true;
      },
    );
  });

  it('passes on the error of the file system, with the path', () => {
    const missing = path.join(folder, 'missing.json');
    assert.throws(() => Policy.fromFile(missing), { code: 'ENOENT', path: missing });
    assert.throws(
      () => Policy.fromFile(folder),
      (error) => {
        assert.equal(error.code, 'EISDIR');
        assert.equal(error.path, folder);
        assert.ok(error.message.includes(folder));
        return true;
      },
    );
    assert.throws(() => Policy.fromFile(new URL('https://example.com/')), TypeError);
    assert.throws(() => Policy.fromFile(undefined), TypeError);
  });

  it('reads no more of a huge file or an endless device than a document may have', () => {
    const huge = file('huge.json', '');
    fs.truncateSync(huge, 10 * 1024 ** 3);
    for (const place of [huge, '/dev/zero']) {
      assert.deepEqual(
        problemsOf(() => Policy.fromFile(place)),
        ['document_too_large '],
      );
    }
  });
});

describe('options', () => {
  it('are the document in camelCase', () => {
    const policy = new Policy({
      rules: [
        {
          name: 'app',
          description: 'the app',
          paths: ['/app/*'],
          allowOrigins: [ORIGIN, { regex: 'https://pr-[0-9]+\\.preview\\.example\\.net' }, 'null'],
          allowCredentials: true,
          allowMethods: ['PUT'],
          allowHeaders: ['authorization'],
          exposeHeaders: ['etag'],
          maxAge: 5,
          preflightStatus: 200,
          dangerouslyAllow: ['null_origin'],
        },
      ],
    });
    const request = {
      ...PREFLIGHT,
      path: '/app/1',
      origin: 'https://pr-7.preview.example.net',
      accessControlRequestHeaders: 'authorization',
    };
    const { outcome, plan } = policy.decide(request);
    assert.equal(outcome, 'preflight_allowed');
    assert.equal(plan.status, 200);
    assert.deepEqual(plan.lines(request).slice(0, 5), [
      ['Access-Control-Allow-Origin', 'https://pr-7.preview.example.net'],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Allow-Methods', 'PUT'],
      ['Access-Control-Allow-Headers', 'authorization'],
      ['Access-Control-Max-Age', '5'],
    ]);
  });

  it('leave out what is undefined, and nothing else', () => {
    const rule = { allowOrigins: [ORIGIN] };
    assert.deepEqual(
      problemsOf(() => new Policy({ ...rule, maxAge: undefined })),
      [],
    );
    assert.deepEqual(
      problemsOf(() => new Policy({ ...rule, maxAge: null })),
      ['wrong_type /max_age'],
    );
    assert.deepEqual(
      problemsOf(() => new Policy({ ...rule, maxAge: NaN })),
      ['wrong_type /max_age'],
    );
  });

  it('go to the engine for judgment', () => {
    assert.deepEqual(problemsOf(() => new Policy({ alowOrigins: [ORIGIN] })).sort(), [
      'missing_key /allow_origins',
      'unknown_key /alow_origins',
    ]);
    assert.deepEqual(
      problemsOf(() => new Policy({ allowOrigins: [ORIGIN], allow_origins: ['*'] })),
      ['repeated_key /allow_origins'],
    );
    assert.deepEqual(
      problemsOf(() => new Policy({ allowOrigins: ['https://\ud800.example'] })),
      ['invalid_json '],
    );
    assert.deepEqual(
      problemsOf(() => new Policy([])),
      ['wrong_type '],
    );
  });

  it('refuse what would be lost in JSON, and name it', () => {
    const cases = [
      [{ allowOrigins: [/example\.com$/] }, /^allowOrigins\[0\] is a RegExp\..*\{ regex: '/],
      [{ allowOrigins: { regex: /x/ } }, /^allowOrigins\.regex is a RegExp/],
      [{ allowOrigins: (origin) => origin }, /^allowOrigins is a function/],
      [{ rules: [{ paths: [Symbol('x')] }] }, /^rules\[0\]\.paths\[0\] is a symbol/],
      [{ allowOrigins: [ORIGIN], maxAge: 600n }, /^maxAge is a bigint/],
      [{ allowOrigins: [ORIGIN, undefined] }, /^allowOrigins\[1\] is undefined/],
      [undefined, /^the policy is undefined/],
      ['policy.json', /^new Policy takes options: for a file, use Policy\.fromFile\(path\)/],
    ];
    for (const [options, message] of cases) {
      assert.throws(() => new Policy(options), { name: 'TypeError', message });
    }
  });
});

describe('deciding', () => {
  const policy = Policy.fromJson(DOCUMENT);

  it('answers with an outcome, a reason and a plan', () => {
    const allowed = policy.decide(PREFLIGHT);
    assert.equal(allowed.outcome, 'preflight_allowed');
    assert.equal(allowed.reason, null);
    assert.equal(allowed.plan.status, 204);
    const denied = policy.decide({ method: 'GET', origin: 'https://evil.example' });
    assert.equal(denied.outcome, 'actual_denied');
    assert.equal(denied.reason, 'origin_not_allowed');
    assert.equal(denied.plan.status, null);
    assert.deepEqual(denied.plan.vary, ['Origin']);
  });

  it('tells absent from empty', () => {
    for (const origin of [undefined, null]) {
      assert.equal(policy.decide({ method: 'GET', origin }).outcome, 'not_cors');
    }
    assert.equal(policy.decide({ method: 'GET' }).outcome, 'not_cors');
    assert.equal(policy.decide({ method: 'GET', origin: '' }).reason, 'malformed_origin');
  });

  it('gives the same frozen verdict for the same answer', () => {
    const verdict = policy.decide(PREFLIGHT);
    assert.equal(policy.decide({ ...PREFLIGHT }), verdict);
    assert.equal(policy.decideParts('OPTIONS', undefined, ORIGIN, 'PUT', null), verdict);
    assert.ok(policy.plans.includes(verdict.plan));
    for (const value of [
      verdict,
      policy.plans,
      verdict.plan,
      verdict.plan.headers,
      verdict.plan.vary,
    ]) {
      assert.ok(Object.isFrozen(value));
    }
    assert.ok(verdict.plan.headers.every(Object.isFrozen));
  });

  it('has plans of fixed text and echoes', () => {
    const { plan } = policy.decide(PREFLIGHT);
    assert.deepEqual(plan.headers, [
      { name: 'Access-Control-Allow-Origin', echo: 'origin' },
      { name: 'Access-Control-Allow-Credentials', value: 'true' },
      { name: 'Access-Control-Allow-Methods', value: 'PUT' },
      { name: 'Access-Control-Max-Age', value: '600' },
    ]);
    assert.deepEqual(plan.lines(PREFLIGHT).at(-1), [
      'Vary',
      'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    ]);
  });

  it('explains with the same verdict', () => {
    const explanation = policy.explain({ ...PREFLIGHT, accessControlRequestMethod: 'DELETE' });
    assert.equal(explanation.outcome, 'preflight_denied');
    assert.equal(explanation.reason, 'method_not_allowed');
  });
});

describe('checking a handshake', () => {
  const policy = new Policy({ rules: [{ paths: ['/app/*'], allowOrigins: [ORIGIN] }] });
  const check = (origin, host = 'api.example', path = '/app/ws') =>
    policy.checkOrigin({ path, origin, host });

  it('passes without Origin, from an allowed one, and from the same one', () => {
    for (const [origin, host] of [
      [undefined],
      [null],
      [ORIGIN],
      ['https://api.example'],
      ['http://api.example:8080', 'API.example:8080'],
      ['https://api.example', 'api.example:443'],
    ]) {
      assert.equal(check(origin, host), true, `${origin} to ${host}`);
    }
    assert.equal(check('https://evil.example', 'api.example', '/else'), true);
  });

  it('refuses every other', () => {
    for (const [origin, host] of [
      ['https://evil.example'],
      ['null'],
      [''],
      [`${ORIGIN}, ${ORIGIN}`],
      ['https://api.example:8443'],
      ['https://api.example', 'api.example:8443'],
      ['https://api.example', ''],
      ['https://api.example', undefined],
      ['https://\u4170pi.example'],
    ]) {
      assert.equal(
        policy.checkOrigin({ path: '/app/ws', origin, host: host === undefined ? null : host }),
        false,
        `${origin} to ${host}`,
      );
    }
  });

  it('refuses what is no string', () => {
    for (const part of ['path', 'origin', 'host']) {
      const handshake = { path: '/app/ws', origin: ORIGIN, host: 'api.example', [part]: [ORIGIN] };
      assert.throws(() => policy.checkOrigin(handshake), {
        name: 'TypeError',
        message: new RegExp(`^${part} must be a string`),
      });
    }
  });
});

it('has the version of its package', () => {
  assert.equal(version, require('onecors/package.json').version);
});
