export { type AuthorizerOptions, withCorsAuthorizer } from './aws/authorizer.js';
export type { LambdaOptions } from './aws/exchange.js';
export { type Callback, type CorsHandler, type LambdaHandler, withCors } from './aws/handler.js';
export { cors, type MiddyMiddleware, type MiddyRequest } from './aws/middy.js';
export { type StreamHandler, type StreamOptions, withCorsStream } from './aws/stream.js';
