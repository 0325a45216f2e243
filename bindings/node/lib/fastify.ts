import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { Adapter, type AdapterOptions, isPolicySource } from './adapter.js';
import { wrapWith } from './http.js';
import type { PolicySource } from './live.js';
import { isPlaced, place } from './placement.js';

/** The options of the plugin. */
export interface CorsOptions extends AdapterOptions {
  /** The policy, or the one in force. */
  readonly policy: PolicySource;
}

/**
 * Plugin that puts a policy in front of the whole server, in whatever scope it is registered: of every
 * route, of hooks that were registered before it, of Fastify's own answers, and of WebSocket
 * handshakes. Denials go to Fastify's log unless there is an option `logger`. With `rewriteUrl`, the
 * path is the one that the client sees.
 *
 * What is no policy fails `app.ready()` with a `TypeError`.
 *
 * @throws {TypeError} where it is called instead of registered
 */
export const cors: FastifyPluginCallback<CorsOptions> = Object.assign(install, {
  // What the package fastify-plugin does: a plugin for the scope that registers it, not for one below.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'onecors',
  [Symbol.for('plugin-meta')]: { name: 'onecors', fastify: '5.x' },
});

const REGISTER =
  'cors of onecors/fastify is a plugin, which Fastify calls, with the policy among its options: write ' +
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
  // The server does not hear of what tests inject, nor of requests to a second address.
  fastify.addHook('onRequest', (request, reply, next) => {
    if (!isPlaced(reply.raw) && place(adapter, request.raw, reply.raw)) {
      reply.hijack();
    } else {
      next();
    }
  });
  fastify.addHook('onReady', (next) => {
    if (fastify.hasPlugin('@fastify/cors')) {
      adapter.warnOnce('@fastify/cors is in use too: remove it, the policy answers everything');
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

/** Whether Fastify's router tells paths apart by case and by slashes, as it does by default. */
function isExact(config: FastifyInstance['initialConfig']): boolean {
  const router = { ...config, ...(config as { routerOptions?: object }).routerOptions };
  return (
    router.caseSensitive !== false &&
    !router.ignoreTrailingSlash &&
    !router.ignoreDuplicateSlashes &&
    !router.useSemicolonDelimiter
  );
}
