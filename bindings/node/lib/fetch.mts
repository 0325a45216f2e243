export type * from './fetch.js';
export { cors } from './fetch.js';
