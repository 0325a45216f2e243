export type * from './aws.js';
export { cors, withCors, withCorsAuthorizer, withCorsStream } from './aws.js';
