export type * from './fastify.js';
export { cors } from './fastify.js';
