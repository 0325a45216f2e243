// Measures one framework: `one.mjs adapter FRAMEWORK SET`, or `one.mjs hostile FRAMEWORK`.

import assert from 'node:assert/strict';
import { FRAMEWORKS } from './frameworks/index.mjs';
import { documentOf, hostile, originsOf, scenarios } from './policy.mjs';
import { answerOf, textsOf } from './requests.mjs';

const [part, framework, set] = process.argv.slice(2);
const { isAsync, peers, prepare } = FRAMEWORKS[framework];

const QUICK = Boolean(process.env.QUICK);
const WARM_UP = QUICK ? 1 : 30;
const ROUNDS = QUICK ? 3 : 101;
const ROUNDS_OF_FEW = QUICK ? 3 : 31;
const ROUNDS_OF_SLOW = QUICK ? 1 : 5;
const MAX_CALLS = 400;
const BATCH = 20;
/** Where some peers take long. */
const FEW = new Set(['exact-100000', 'exact-1000000']);
/** What a sample should take, and what a call may, in nanoseconds. */
const SAMPLE = QUICK ? 20_000 : 1_000_000;
const MAX_CALL = 1_000_000;
const MAX_HOSTILE_CALL = QUICK ? 50_000_000 : 2_000_000_000;

const now = () => process.hrtime.bigint();

/**
 * Nanoseconds a call. Requests and responses are made before the clock starts, a few at a time: in a server,
 * too, they are fresh in the processor's cache.
 */
async function time({ exchange, call }, texts, calls) {
  let total = 0n;
  for (let made = 0; made < calls; made += BATCH) {
    const size = Math.min(BATCH, calls - made);
    const exchanges = Array.from({ length: size }, (_, turn) => exchange(texts, turn));
    const start = now();
    if (isAsync) for (const each of exchanges) await call(each);
    else for (const each of exchanges) call(each);
    total += now() - start;
  }
  return Number(total) / calls;
}

/** The quickest of a few calls: the first ones are compiled and cached for. */
async function quickest(application, texts) {
  let least = Infinity;
  for (let call = 0; call < 5; call += 1) {
    least = Math.min(least, await time(application, texts, 1));
    if (least > 100 * MAX_CALL) break;
  }
  return least;
}

function shuffled(list) {
  const copy = list.slice();
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

function print(line) {
  process.stdout.write(`${JSON.stringify({ part, framework, ...line })}\n`);
}

/** What the policy of the scenarios answers, as lines in lower case. */
function expected(scenario, origin) {
  const { policy } = scenarios;
  const isPreflight = scenario.method === 'OPTIONS';
  const vary = isPreflight
    ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
    : 'Origin';
  if (scenario.origin !== 'hit') return { vary };
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    ...(isPreflight
      ? {
          'access-control-allow-methods': policy.allow_methods.join(','),
          'access-control-allow-headers': policy.allow_headers.join(','),
          'access-control-max-age': String(policy.max_age),
        }
      : { 'access-control-expose-headers': policy.expose_headers.join(',') }),
    vary,
  };
}

/** Asserts the whole answer of ours and of the limit; of a peer, says what is wrong with it. */
async function check(subject, application, scenario, texts) {
  const exchange = application.exchange(texts, 0);
  exchange.response.socket.recorded = [];
  await application.call(exchange);
  if (exchange.response.socket.recorded.length === 0) return 'does not answer it';
  const { status, headers } = answerOf(exchange);
  const isAllowed = scenario.origin === 'hit';
  if (subject === 'onecors' || subject === 'limit') {
    const cors = Object.entries(headers)
      .filter(([name]) => /^(access-control-.*|vary)$/.test(name))
      .map(([name, value]) => [name, name === 'vary' ? value : value.replaceAll(', ', ',')]);
    const origin = exchange.request.headers.origin;
    assert.deepEqual(Object.fromEntries(cors), expected(scenario, origin), subject);
    const preflightStatus = isAllowed ? 204 : 403;
    assert.equal(status, scenario.method === 'OPTIONS' ? preflightStatus : 200, subject);
    return undefined;
  }
  const isReadable = headers['access-control-allow-origin'] === exchange.request.headers.origin;
  if (subject === 'nothing' || (isReadable && scenario.origin !== null) === isAllowed)
    return undefined;
  return isAllowed ? 'does not allow it' : 'allows it';
}

/** Preflights reach no handler: without a CORS layer there is the loop alone, and Koa's own part. */
function withoutLayer(application, scenario) {
  const isLoop = scenario.method === 'OPTIONS' && !isAsync;
  return isLoop ? { ...application, call: () => undefined } : application;
}

async function measureAdapter() {
  const document = documentOf(set);
  const origins = originsOf(set);
  const isExact = set.startsWith('exact-');
  const subjects = ['nothing', 'onecors', ...(isExact ? ['limit'] : []), ...peers];
  const runs = [];
  for (const subject of subjects) {
    const application = await prepare(subject, document);
    if (application === null) continue;
    for (const [name, scenario] of Object.entries(scenarios.scenarios)) {
      const texts = textsOf(scenario, origins);
      const used = subject === 'nothing' ? withoutLayer(application, scenario) : application;
      const note = await check(subject, application, scenario, texts);
      if ((await quickest(used, texts)) > MAX_CALL) {
        console.error(`${framework}, ${set}, ${name}: ${subject} takes too long, and is left out`);
        continue;
      }
      runs.push({ subject, scenario: name, application: used, texts, note, calls: 5, samples: [] });
    }
  }
  const rounds = FEW.has(set) ? ROUNDS_OF_FEW : ROUNDS;
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const name of shuffled(Object.keys(scenarios.scenarios))) {
      for (const run of shuffled(runs.filter(({ scenario }) => scenario === name))) {
        const sample = await time(run.application, run.texts, run.calls);
        if (round >= 0) run.samples.push(Math.round(sample * 10) / 10);
        else run.calls = Math.max(5, Math.min(MAX_CALLS, Math.round(SAMPLE / sample)));
      }
    }
  }
  for (const { subject, scenario, note, samples } of runs) {
    print({ origins: set, scenario, subject, unit: 'ns', samples, note });
  }
}

async function measureHostile() {
  for (const [input, { field, origins, values }] of Object.entries(hostile())) {
    const document = documentOf(origins);
    const subjects = ['onecors', ...peers].filter((subject) => !subject.endsWith(' (Set)'));
    for (const subject of subjects) {
      const application = await prepare(subject, document);
      for (const value of values) {
        const samples = await hostileSamples(application, textsWith(field, value));
        print({ input, length: value.length, subject, unit: 'ns', samples });
        if (samples.length === 1) break;
      }
    }
  }
}

function textsWith(field, value) {
  if (field === 'origin') {
    const scenario = scenarios.scenarios['actual-denied'];
    return textsOf(scenario, { misses: [value] });
  }
  const scenario = { ...scenarios.scenarios['preflight-allowed'], [field]: value };
  return textsOf(scenario, originsOf('exact-10'));
}

/** One sample alone is of a call that took too long to be made again. */
async function hostileSamples(application, texts) {
  const first = await quickest(application, texts);
  if (first > MAX_HOSTILE_CALL) return [first];
  const calls = Math.max(1, Math.min(MAX_CALLS, Math.round(SAMPLE / first)));
  const isSlow = first > MAX_CALL;
  const samples = [];
  for (
    let round = isSlow ? 0 : -WARM_UP;
    round < (isSlow ? ROUNDS_OF_SLOW : ROUNDS_OF_FEW);
    round += 1
  ) {
    const sample = await time(application, texts, calls);
    if (round >= 0) samples.push(Math.round(sample * 10) / 10);
  }
  return samples;
}

await (part === 'hostile' ? measureHostile() : measureAdapter());
