// Follows the recipe of README.md for CDK, word for word, in the real CDK: the deployment of an API depends
// on all that was exported, and is another one when the policy is.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { CDK, ONECORS } = process.env;
const require = createRequire(join(CDK, 'package.json'));
const { App, Stack } = require('aws-cdk-lib');
const {
  CfnGatewayResponse,
  CfnMethod,
  MockIntegration,
  RestApi,
} = require('aws-cdk-lib/aws-apigateway');

const POLICY = { allow_origins: ['https://app.example.com'], allow_credentials: true };
const CHANGED = { ...POLICY, allow_headers: ['x-token'] };

/** The function of the README's block in JavaScript. */
async function recipe() {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const [, block] = /^```js\n(.*?)^```$/ms.exec(readme);
  const file = join(CDK, 'recipe.mjs');
  writeFileSync(file, block);
  return (await import(pathToFileURL(file))).addCors;
}

function exported(policy) {
  const args = ['export', '-', '--to', 'cdk-json', '--gateway-responses', 'authorizer'];
  return JSON.parse(execFileSync(ONECORS, args, { input: JSON.stringify(policy) }));
}

/** The resources of a stack with an API, to which the exported properties were added. */
function synthesised(add, properties) {
  const stack = new Stack(new App(), 'Stack');
  const api = new RestApi(stack, 'Api');
  api.root.addResource('orders').addMethod('GET', new MockIntegration());
  add(api, properties);
  const assembly = stack.node.root.synth();
  return Object.entries(assembly.getStackByName('Stack').template.Resources);
}

function deployment(resources) {
  return resources.find(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment');
}

/** The ids of what was exported, which the deployment does not depend on. */
function forgotten(resources) {
  const its = ([, { Type, Properties }]) =>
    Type === 'AWS::ApiGateway::GatewayResponse' ||
    (Type === 'AWS::ApiGateway::Method' && Properties.HttpMethod === 'OPTIONS');
  const [, { DependsOn }] = deployment(resources);
  return resources
    .filter(its)
    .map(([id]) => id)
    .filter((id) => !DependsOn.includes(id));
}

/** What people write who know nothing of deployments. */
function withoutDeployment(api, { methods, gatewayResponses }) {
  for (const { path, props } of methods) {
    const { resourceId } = api.root.resourceForPath(path);
    new CfnMethod(api, `Cors${path}`, { ...props, restApiId: api.restApiId, resourceId });
  }
  for (const props of gatewayResponses) {
    new CfnGatewayResponse(api, props.responseType, { ...props, restApiId: api.restApiId });
  }
}

const addCors = await recipe();
const before = synthesised(addCors, exported(POLICY));
const after = synthesised(addCors, exported(CHANGED));
const same = synthesised(addCors, exported(POLICY));
const without = [POLICY, CHANGED].map((policy) => synthesised(withoutDeployment, exported(policy)));
const { comment } = exported(POLICY);
const isOptions = ([, { Properties }]) => Properties?.HttpMethod === 'OPTIONS';

const checks = {
  'every method is there': before.filter(isOptions).length === exported(POLICY).methods.length,
  'the deployment depends on all of it': forgotten(before).length === 0,
  'a changed policy is deployed': deployment(before)[0] !== deployment(after)[0],
  'an unchanged policy is not': deployment(before)[0] === deployment(same)[0],
  'without the recipe it would not depend on them': forgotten(without[0]).length > 0,
  'without the recipe a changed policy would not be deployed':
    deployment(without[0])[0] === deployment(without[1])[0],
  'the output says so': /addDependency.*addToLogicalId/.test(comment),
};
const failed = Object.keys(checks).filter((name) => !checks[name]);
for (const name of failed) console.log(`FAILED cdk: ${name}`);
console.log(`${Object.keys(checks).length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length ? 1 : 0;
