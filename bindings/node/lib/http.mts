export type * from './http.js';
export { cors, wrap } from './http.js';
