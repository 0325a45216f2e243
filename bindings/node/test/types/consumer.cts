// What a CommonJS module sees.
import aws = require('onecors/aws');
import onecors = require('onecors');
import fastify = require('onecors/fastify');
import fetch = require('onecors/fetch');
import hono = require('onecors/hono');
import http = require('onecors/http');
import koa = require('onecors/koa');

const policy: onecors.Policy = new onecors.Policy({ allowOrigins: ['*'] });
const verdict: onecors.Verdict = policy.decide({ method: 'GET' });
verdict.outcome satisfies onecors.Outcome;
onecors.version satisfies string;

for (const adapter of [http, koa, hono, fetch]) {
  adapter.cors(policy);
}
aws.withCors(policy, () => ({ statusCode: 200 })) satisfies aws.CorsHandler<
  unknown,
  unknown,
  object
>;
fastify.cors satisfies object;

// @ts-expect-error there is no default export
onecors.default;
