'use strict';
// The log of denials: each once, bounded, and harmless.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { LivePolicy, Policy } = require('onecors');
const { Adapter } = require('../dist/adapter.js');
const { recorder } = require('./adapters.js');
const { ORIGIN } = require('./helpers.js');

const request = (origin, rest) => ({
  method: 'GET',
  path: '/',
  origin,
  host: 'api.example',
  ...rest,
});
const denied = (number) => request(`https://a${number}.evil.example`);

describe('a denial', () => {
  it('is logged once for each verdict and origin', () => {
    const logger = recorder();
    const adapter = new Adapter(new Policy({ allowOrigins: [ORIGIN] }), { logger });
    for (let round = 0; round < 3; round += 1) {
      adapter.plan(request('http://app.example.com'));
      adapter.plan(request('http://app.example.com'));
      adapter.plan(request(ORIGIN));
      adapter.plan(request(undefined));
      adapter.plan(request(ORIGIN, { method: 'OPTIONS', accessControlRequestMethod: 'PURGE' }));
    }
    assert.deepEqual(logger.lines, [
      'warn: onecors: denied the request of "http://app.example.com" to the policy ' +
        '(origin_not_allowed); nearest miss: "https://app.example.com" (http, not https)',
      'warn: onecors: denied the preflight of "https://app.example.com" to the policy ' +
        '(method_not_allowed: "PURGE")',
    ]);
  });

  it('has fields for a logger that takes them', () => {
    const logged = [];
    const policy = new Policy({ rules: [{ name: 'app', paths: ['/*'], allowOrigins: [ORIGIN] }] });
    const adapter = new Adapter(policy, {}, (text, fields) => logged.push(fields));
    adapter.plan(request('http://app.example.com\u001b[2J'));
    adapter.plan(request('http://app.example.com'));
    const [malformed, near] = logged;
    assert.equal(malformed.reason, 'malformed_origin');
    assert.equal(malformed.origin.includes('\u001b'), false);
    assert.deepEqual(
      { ...near, nearest_miss: near.nearest_miss.covered_origin },
      {
        reason: 'origin_not_allowed',
        rule: 'app',
        origin: 'http://app.example.com',
        nearest_miss: ORIGIN,
      },
    );
  });

  // spring-boot#10965
  it('is none for the pages of the server itself', () => {
    const logger = recorder();
    const adapter = new Adapter(new Policy({ allowOrigins: [ORIGIN] }), { logger });
    adapter.plan(request('https://api.example'));
    assert.deepEqual(logger.lines, []);
    adapter.plan(request('https://api.example', { host: 'other.example' }));
    assert.equal(logger.lines.length, 1);
  });

  it('is logged up to a bound, which is said', () => {
    const logger = recorder();
    const live = new LivePolicy(new Policy({ allowOrigins: [ORIGIN] }));
    const adapter = new Adapter(live, { logger });
    for (let number = 0; number < 1500; number += 1) adapter.plan(denied(number));
    assert.equal(logger.lines.length, 1001);
    assert.match(logger.lines[999], /a999\.evil\.example/);
    assert.equal(
      logger.lines[1000],
      'warn: onecors: 1000 denials of unknown origins were logged, and no more are until the policy is ' +
        'replaced; near misses are',
    );
    live.replace({ allowOrigins: [ORIGIN] });
    adapter.plan(denied(0));
    assert.equal(logger.lines.length, 1002);
  });

  it('of a stranger uses up the lines of strangers alone', () => {
    const logger = recorder();
    const adapter = new Adapter(new Policy({ allowOrigins: [ORIGIN] }), { logger });
    for (let number = 0; number < 1200; number += 1) adapter.plan(denied(number));
    adapter.plan(denied(0));
    assert.equal(logger.lines.length, 1001);
    for (let round = 0; round < 2; round += 1) {
      adapter.plan(request('http://app.example.com'));
      adapter.plan(request(ORIGIN, { method: 'OPTIONS', accessControlRequestMethod: 'PURGE' }));
    }
    assert.equal(logger.lines.length, 1003);
    assert.match(logger.lines[1001], /\(http, not https\)/);
    assert.match(logger.lines[1002], /method_not_allowed/);
  });

  it('of a near miss is logged as often as the document has patterns', () => {
    const logger = recorder();
    const allowOrigins = [ORIGIN, 'https://*.tenant.example.org'];
    const adapter = new Adapter(new Policy({ allowOrigins }), { logger });
    for (let number = 0; number < 100_000; number += 1) {
      adapter.plan(request(`${ORIGIN}:${1 + (number % 65_535)}`));
      adapter.plan(request(`http://t${number}.tenant.example.org`));
      adapter.plan(request(`https://t${number}.tenant.example.org/`));
    }
    assert.ok(logger.lines.length >= 3 && logger.lines.length < 15, String(logger.lines.length));
  });

  it('is told apart by the first 512 characters of an origin', () => {
    const logger = recorder();
    const adapter = new Adapter(new Policy({ allowOrigins: [ORIGIN] }), { logger });
    for (let length = 512; length < 600; length += 1) {
      adapter.plan(request('\ud800'.repeat(length)));
    }
    assert.equal(logger.lines.length, 1);
    assert.ok(logger.lines[0].length < 700);
  });

  it('is answered when the logger throws, or is none', () => {
    const fail = () => {
      throw new Error('no disk');
    };
    const policy = new Policy({ allowOrigins: [ORIGIN] });
    for (const logger of [{ info: fail, warn: fail, error: fail }, false]) {
      const plan = new Adapter(policy, { logger }).plan(denied(1));
      assert.deepEqual(plan.vary, ['Origin']);
    }
  });
});
