import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { Adapter, type AdapterOptions, isPolicySource } from './adapter.js';
import { wrapWith } from './http.js';
import type { PolicySource } from './live.js';
import { begin, hasExchange } from './exchange.js';

/** The options of the plugin. */
export interface CorsOptions extends AdapterOptions {
  /** The policy, or a live policy. */
  readonly policy: PolicySource;
}

/**
 * Fastify plugin that applies a policy to the whole server, in whatever scope it is registered: to every
 * route, to hooks that were registered earlier, to Fastify's own responses, and to WebSocket handshakes.
 * Denials go to Fastify's log unless the option `logger` is set. With `rewriteUrl`, the policy sees the
 * client's path.
 *
 * Anything but a policy fails `app.ready()` with a `TypeError`.
 *
 * @throws TypeError if it is called instead of registered
 */
export const cors: FastifyPluginCallback<CorsOptions> = Object.assign(install, {
  // As the package fastify-plugin does: applies to the scope that registers it, not to a child scope.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'onecors',
  [Symbol.for('plugin-meta')]: { name: 'onecors', fastify: '5.x' },
});

const REGISTER =
  'cors from onecors/fastify is a Fastify plugin, with the policy among its options: write ' +
  'app.register(cors, { policy: Policy.fromFile(path) })';

function install(
  fastify: FastifyInstance,
  options: CorsOptions,
  done: (error?: Error) => void,
): void {
  if (typeof (done as unknown) !== 'function') throw new TypeError(REGISTER);
  try {
    putInFront(fastify, adapterFor(fastify, options));
    done();
  } catch (error) {
    done(error as Error);
  }
}

function putInFront(fastify: FastifyInstance, adapter: Adapter): void {
  wrapWith(fastify.server, adapter);
  // Requests of app.inject(), and those to a second address, bypass the server's events.
  fastify.addHook('onRequest', (request, reply, next) => {
    if (!hasExchange(reply.raw) && begin(adapter, request.raw, reply.raw)) {
      reply.hijack();
    } else {
      next();
    }
  });
  fastify.addHook('onReady', (next) => {
    if (fastify.hasPlugin('@fastify/cors')) {
      adapter.warnOnce(
        '@fastify/cors is registered too: remove it, because onecors replaces the headers that it sets',
      );
    }
    next();
  });
}

function adapterFor({ log, initialConfig }: FastifyInstance, options: CorsOptions): Adapter {
  if (!isPolicySource(options.policy)) throw new TypeError(REGISTER);
  const { logger = log, exactRouting = isExact(initialConfig) } = options;
  const warn =
    options.logger === undefined
      ? (text: string, fields?: object) => {
          log.warn(fields, text);
        }
      : undefined;
  return new Adapter(options.policy, { logger, exactRouting }, warn);
}

/** Whether Fastify's router distinguishes paths by case and slashes, as it does by default. */
function isExact(config: FastifyInstance['initialConfig']): boolean {
  const router = { ...config, ...(config as { routerOptions?: object }).routerOptions };
  return (
    router.caseSensitive !== false &&
    !router.ignoreTrailingSlash &&
    !router.ignoreDuplicateSlashes &&
    !router.useSemicolonDelimiter
  );
}
