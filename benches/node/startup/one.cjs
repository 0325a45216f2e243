// What a service does when it starts: `one.cjs FRAMEWORK SUBJECT` loads both, with a policy of ten origins.

'use strict';

const [framework, subject] = process.argv.slice(2);
const origins = Array.from({ length: 10 }, (_, number) => `https://app-${number}.example.com`);

require(framework);

switch (subject) {
  case 'nothing':
    break;
  case 'onecors': {
    const { Policy } = require('onecors');
    const adapter = framework === 'express' ? 'http' : framework;
    require(`onecors/${adapter}`);
    new Policy({ allowOrigins: origins });
    break;
  }
  case 'cors':
    require('cors')({ origin: origins });
    break;
  case '@koa/cors':
    require('@koa/cors')({ origin: ({ headers }) => origins.includes(headers.origin) });
    break;
  default:
    // A plugin does its work when it is registered, which no start without a server does.
    require(subject);
}
