// What each framework's own types say of the adapters. A line that should not compile says so.
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { LivePolicy, Policy, type Logger, type PolicySource } from 'onecors';
import { cors as fastifyCors } from 'onecors/fastify';
import { cors as fetchCors } from 'onecors/fetch';
import { cors as honoCors } from 'onecors/hono';
import { cors, wrap, type AdapterOptions } from 'onecors/http';
import { cors as koaCors } from 'onecors/koa';

const policy: PolicySource = Policy.fromFile('policy.json');
const live: LivePolicy = LivePolicy.watch('policy.json', { logger: false });
live.current satisfies Policy;
live.replace({ allowOrigins: ['*'] }) satisfies void;
live.current.checkOrigin({ path: '/', origin: null, host: undefined }) satisfies boolean;

const logger: Logger = console;
const options: AdapterOptions = { logger, exactRouting: true };

express().use(cors(policy, options)).use('/app', cors(live));
express.Router().use(cors(live));
wrap(createServer(), live).listen(0);
wrap(createSecureServer(), live, { logger: false }).setTimeout(1);

const app = fastify();
app.register(fastifyCors, { policy: live });
await app.register(fastifyCors, { policy, logger, exactRouting: false });
fastify({ http2: true });

new Koa().use(koaCors(live));

const hono = new Hono<{ Variables: { user: string } }>();
hono.use(honoCors(live)).use('/app/*', honoCors(policy, options));
hono.get('/', (context) => context.text(context.var.user));
fetchCors(policy)(hono.fetch);

interface Context {
  readonly params: Promise<{ id: string }>;
}
class NextRequest extends Request {
  readonly nextUrl = new URL(this.url);
}
const GET = fetchCors(live)(async (request: NextRequest, { params }: Context) =>
  Response.json({ id: (await params).id, path: request.nextUrl.pathname }),
);
GET satisfies (request: NextRequest, context: Context) => Promise<Response>;

// @ts-expect-error options are for new Policy
cors({ allowOrigins: ['*'] });
// @ts-expect-error a file is for LivePolicy.watch
new LivePolicy('policy.json');
// @ts-expect-error the plugin has no default policy
app.register(fastifyCors);
// @ts-expect-error a logger without warn
cors(policy, { logger: { info: console.info, error: console.error } });
// @ts-expect-error the path of a handshake in the form of a request
live.current.checkOrigin({ method: 'GET' });
