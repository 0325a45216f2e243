// What the types of @types/aws-lambda and of middy say of the adapters. A line that should not compile says so.
import middy from '@middy/core';
import type {
  ALBHandler,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyResult,
  APIGatewayRequestAuthorizerHandler,
  APIGatewayRequestSimpleAuthorizerHandlerV2,
  CloudFrontRequestHandler,
  CloudFrontResponseHandler,
  Context,
  Handler,
  LambdaFunctionURLHandler,
  StreamifyHandler,
} from 'aws-lambda';
import { LivePolicy, Policy } from 'onecors';
import {
  cors,
  type CorsHandler,
  type LambdaHandler,
  type LambdaOptions,
  withCors,
  withCorsAuthorizer,
  withCorsStream,
} from 'onecors/aws';

const policy = Policy.fromFile('policy.json');
const live = new LivePolicy(policy);
const options: LambdaOptions = { onError: 'respond', basePath: '/v1', logger: false };

// The type of a handler says what its event is.
export const rest: APIGatewayProxyHandler = withCors(policy, async (event, context) => ({
  statusCode: 200,
  body: event.path + context.awsRequestId,
}));
export const http: APIGatewayProxyHandlerV2 = withCors(
  live,
  async (event) => event.rawPath,
  options,
);
export const url: LambdaFunctionURLHandler = withCors(policy, async (event) => ({
  body: event.rawQueryString,
}));
export const balancer: ALBHandler = withCors(policy, async (event) => ({
  statusCode: 200,
  body: event.httpMethod,
}));
export const viewer: CloudFrontRequestHandler = withCors(
  policy,
  async (event) => event.Records[0]?.cf.request ?? null,
);
export const origin: CloudFrontResponseHandler = withCors(
  policy,
  async (event) => event.Records[0]?.cf.response ?? null,
);

// A handler that has its types keeps them.
const typed = withCors(policy, async (event: APIGatewayProxyEventV2) => ({ body: event.rawPath }));
typed satisfies CorsHandler<APIGatewayProxyEventV2, unknown, { body: string }>;
declare const handler: Handler<APIGatewayProxyEvent, APIGatewayProxyResult>;
withCors(policy, handler) satisfies Handler<APIGatewayProxyEvent, APIGatewayProxyResult>;
handler satisfies LambdaHandler<APIGatewayProxyEvent, Context, APIGatewayProxyResult>;
export const calling: APIGatewayProxyHandler = withCors(policy, (event, context, callback) => {
  callback(null, { statusCode: 200, body: event.path });
});

export const streaming: StreamifyHandler<APIGatewayProxyEventV2> = withCorsStream(
  policy,
  async (event: APIGatewayProxyEventV2, stream: awslambda.HttpResponseStream, context: Context) => {
    stream.setContentType('text/plain');
    stream.end(event.rawPath + context.awsRequestId);
  },
  { highWaterMark: 1024 },
);

export const authorizer: APIGatewayRequestAuthorizerHandler = withCorsAuthorizer(
  policy,
  async (event) => ({
    principalId: event.headers?.['Authorization'] ?? '',
    policyDocument: { Version: '2012-10-17', Statement: [] },
  }),
  { basePath: '/v1' },
);
export const simple: APIGatewayRequestSimpleAuthorizerHandlerV2 = withCorsAuthorizer(
  policy,
  async (event) => ({ isAuthorized: event.rawPath === '/' }),
);

middy(async (event: APIGatewayProxyEvent) => ({ statusCode: 200, body: event.path }))
  .use(cors(policy, options))
  .use([cors(live)]);
withCors(
  policy,
  middy(async (event: APIGatewayProxyEvent) => ({ statusCode: 200, body: event.path })),
);

// @ts-expect-error a misspelt choice
withCors(policy, handler, { onError: 'response' });
// @ts-expect-error an authorizer's errors go on always
withCorsAuthorizer(policy, handler, { onError: 'respond' });
// @ts-expect-error a path is for Policy.fromFile
withCors('policy.json', handler);
// @ts-expect-error a handler of another event
withCors(policy, async (event: { own: string }) => event.own) satisfies APIGatewayProxyHandler;
