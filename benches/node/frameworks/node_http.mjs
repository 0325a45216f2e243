// Middleware on the requests and responses of node:http as they are, as Connect has it.

import { exchange } from '../requests.mjs';
import { caller, layerOf } from './middleware.mjs';

export { isAsync, peers } from './middleware.mjs';

export function prepare(subject, document) {
  return { exchange, call: caller(layerOf(subject, document)) };
}
