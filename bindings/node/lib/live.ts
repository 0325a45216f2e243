import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { PolicyError } from './error.js';
import { readUpTo } from './file.js';
import { type Logger, loggerOf, quietly } from './logger.js';
import { native } from './native.js';
import type { PolicyOptions } from './options.js';
import { Policy, READ_LIMIT } from './policy.js';
import { FileWatcher } from './watcher.js';

/** The argument of an adapter: a fixed policy, or one that can be replaced. */
export type PolicySource = Policy | LivePolicy;

/** The options of `LivePolicy.watch`. */
export interface WatchOptions {
  /** Where loading a changed file, or failing to, is logged; `console` by default, `false` for nowhere. */
  readonly logger?: Logger | false | undefined;
}

/**
 * Holds the current policy of a running service, so that it can be replaced. Each request is handled by a
 * single policy from start to end.
 *
 * Like a policy, it belongs to its thread.
 */
export class LivePolicy {
  #current: Policy;
  #watcher: FileWatcher | null = null;
  /** The contents of the watched file, if the current policy is from there. */
  #loaded: Buffer | null = null;

  /**
   * Starts with a policy.
   *
   * @throws TypeError for anything but a policy
   */
  constructor(policy: Policy) {
    if (!(policy instanceof Policy)) {
      throw new TypeError('new LivePolicy takes a Policy: for a file, use LivePolicy.watch(path)');
    }
    this.#current = policy;
  }

  /**
   * Loads a policy document from a file, and reloads it within a second of each change. The file may be
   * written in place, renamed over, or reached by a symbolic link that changes. If a later version is
   * missing or has problems, that is logged once and the current policy is kept. A state that lasts only a
   * moment, such as a half-written file, is not logged. Watching does not keep the process alive.
   *
   * @throws PolicyError with every problem, after the path
   * @throws the error of `node:fs` if the file cannot be read
   */
  static watch(path: string | URL, options: WatchOptions = {}): LivePolicy {
    const name = typeof path === 'string' ? path : fileURLToPath(path);
    const logger = loggerOf(options.logger);
    const contents = readUpTo(READ_LIMIT, name);
    const live = new LivePolicy(Policy.fromBytes(contents, name));
    live.#loaded = contents;
    live.#watcher = new FileWatcher(name, READ_LIMIT, contents, {
      load: (changed) => {
        live.#reload(changed, name, logger);
      },
      failed: (error) => {
        const file = native.printable(name);
        const detail = detailOf(error);
        quietly(() =>
          logger?.error(`onecors: keeping the current policy: cannot reload ${file}: ${detail}`),
        );
      },
    });
    return live;
  }

  /** The policy that new requests are handled by. */
  get current(): Policy {
    return this.#current;
  }

  /**
   * Replaces the current policy, for all later requests.
   *
   * @param next a policy, a document (JSON, as text or as UTF-8 bytes), or options
   * @throws PolicyError with every problem; the current policy is then kept
   */
  replace(next: Policy | string | Uint8Array | PolicyOptions): void {
    this.#current = policyOf(next);
    this.#loaded = null;
  }

  /** Stops watching. The current policy is kept. May be called more than once. */
  close(): void {
    this.#watcher?.close();
  }

  #reload(contents: Buffer, name: string, logger: Logger | null): void {
    // A mistake that was reverted.
    if (this.#loaded?.equals(contents)) return;
    this.#current = Policy.fromBytes(contents, name);
    this.#loaded = contents;
    const file = native.printable(name);
    quietly(() => logger?.info(`onecors: loaded the changed policy ${file}`));
  }
}

/** The text of an error without the path, which the log line names already. */
function detailOf(error: Error): string {
  if (error instanceof PolicyError) return error.text;
  // As in "ENOENT: no such file or directory, stat 'policy.json'".
  const { message, syscall } = error as NodeJS.ErrnoException;
  const end = syscall === undefined ? -1 : message.indexOf(`, ${syscall}`);
  return native.printable(end === -1 ? message : message.slice(0, end));
}

function policyOf(next: Policy | string | Uint8Array | PolicyOptions): Policy {
  if (next instanceof Policy) return next;
  if (typeof next === 'string' || types.isUint8Array(next)) return Policy.fromJson(next);
  return new Policy(next);
}
