// What a CommonJS module sees.
import onecors = require('onecors');

const policy: onecors.Policy = new onecors.Policy({ allowOrigins: ['*'] });
const verdict: onecors.Verdict = policy.decide({ method: 'GET' });
verdict.outcome satisfies onecors.Outcome;
onecors.version satisfies string;

// @ts-expect-error there is no default export
onecors.default;
