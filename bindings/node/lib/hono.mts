export type * from './hono.js';
export { cors } from './hono.js';
