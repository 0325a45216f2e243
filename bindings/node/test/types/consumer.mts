// What an ES module sees. A line that should not compile says so.
import { Policy, PolicyError, version } from 'onecors';
import type {
  CorsRequest,
  Explanation,
  Header,
  Outcome,
  Plan,
  PolicyOptions,
  Problem,
  Reason,
  RuleOptions,
  Verdict,
} from 'onecors';

const rule: RuleOptions = {
  allowOrigins: ['https://app.example.com', { regex: 'x' }],
  maxAge: 600,
};
const options: PolicyOptions = { rules: [{ paths: ['/*'], ...rule }] };

const policy = new Policy(options);
Policy.fromJson('{}') satisfies Policy;
Policy.fromJson(new Uint8Array()) satisfies Policy;
Policy.fromFile(new URL('file:///policy.json')) satisfies Policy;
version satisfies string;

const request: CorsRequest = { method: 'GET', path: undefined, origin: null };
const verdict: Verdict = policy.decide(request);
policy.decideParts('GET', '/', null, undefined) satisfies Verdict;
verdict.outcome satisfies Outcome;
verdict.reason satisfies Reason | null;
policy.explain(request) satisfies Explanation;

const plan: Plan = verdict.plan;
plan.status satisfies number | null;
plan.lines(request) satisfies [string, string][];
for (const header of plan.headers satisfies readonly Header[]) {
  ('echo' in header ? request[header.echo] : header.value) satisfies string | null | undefined;
}

try {
  new Policy({ allowOrigins: [] });
} catch (error) {
  if (error instanceof PolicyError) {
    error.problems satisfies readonly Problem[];
    error.code satisfies 'ERR_ONECORS_POLICY';
  }
}

// @ts-expect-error an option in the spelling of the document
new Policy({ allow_origins: ['*'] });
// @ts-expect-error a RegExp
new Policy({ allowOrigins: [/x/] });
// @ts-expect-error a rule without paths
new Policy({ rules: [{ allowOrigins: ['*'] }] });
// @ts-expect-error a header that came as an array
policy.decide({ origin: ['https://app.example.com'] });
// @ts-expect-error a part in the spelling of the document
policy.decide({ access_control_request_method: 'GET' });
// @ts-expect-error an outcome that does not exist
verdict.outcome === 'allowed';
// @ts-expect-error a verdict is frozen
verdict.reason = null;
// @ts-expect-error plans are made by policies alone
new Plan();
