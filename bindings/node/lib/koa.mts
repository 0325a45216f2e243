export type * from './koa.js';
export { cors } from './koa.js';
