import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { PolicyError } from './error.js';
import { readUpTo } from './file.js';
import { type Logger, loggerOf, quietly } from './logger.js';
import { native } from './native.js';
import type { PolicyOptions } from './options.js';
import { Policy, READ_LIMIT } from './policy.js';
import { FileWatcher } from './watcher.js';

/** What an adapter takes: a policy that stays, or one that may be replaced. */
export type PolicySource = Policy | LivePolicy;

/** How a file is watched. */
export interface WatchOptions {
  /** Where it is said that a changed file was loaded or refused; `console` by default. */
  readonly logger?: Logger | false | undefined;
}

/**
 * The policy in force, which can be replaced while requests are served. Each request is answered from
 * beginning to end by the policy that was in force when it came.
 *
 * Like a policy, it belongs to its thread.
 */
export class LivePolicy {
  #current: Policy;
  #watcher: FileWatcher | null = null;
  /** The contents of the watched file, when the policy in force is from there. */
  #loaded: Buffer | null = null;

  constructor(policy: Policy) {
    if (!(policy instanceof Policy)) {
      throw new TypeError('new LivePolicy takes a Policy; for a file use LivePolicy.watch(path)');
    }
    this.#current = policy;
  }

  /**
   * Loads a policy document from a file, and loads it again within a second of each change, also when
   * the file is replaced by renaming or by a symbolic link. A document with problems, or a missing
   * file, is logged once, and the policy in force stays. What is there for a moment only, as a file that
   * is being written, is not logged. Watching does not keep the process alive.
   *
   * @throws {PolicyError} every problem at once, with the path in front
   * @throws the error of `node:fs` when the file cannot be read
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
        const what = error instanceof PolicyError ? error.message : native.printable(error.message);
        quietly(() => logger?.error(`onecors: the policy in force stays: ${what}`));
      },
    });
    return live;
  }

  /** The policy in force. */
  get current(): Policy {
    return this.#current;
  }

  /**
   * Puts another policy in force, at once and as a whole.
   *
   * @param next a policy, a document (JSON, as text or as UTF-8 bytes), or options
   * @throws {PolicyError} every problem at once; the policy in force stays
   */
  replace(next: Policy | string | Uint8Array | PolicyOptions): void {
    this.#current = policyOf(next);
    this.#loaded = null;
  }

  /** Ends the watching; the policy in force stays. May be called more than once. */
  close(): void {
    this.#watcher?.close();
  }

  #reload(contents: Buffer, name: string, logger: Logger | null): void {
    // A mistake that was taken back.
    if (this.#loaded?.equals(contents)) return;
    this.#current = Policy.fromBytes(contents, name);
    this.#loaded = contents;
    const file = native.printable(name);
    quietly(() => logger?.info(`onecors: ${file} has changed, and its policy is in force`));
  }
}

function policyOf(next: Policy | string | Uint8Array | PolicyOptions): Policy {
  if (next instanceof Policy) return next;
  if (typeof next === 'string' || types.isUint8Array(next)) return Policy.fromJson(next);
  return new Policy(next);
}
