import { type BigIntStats, stat, statSync } from 'node:fs';
import { readUpTo } from './file.js';

/** How often a watched file is looked at, in milliseconds. */
const INTERVAL_MS = 250;

/** What a watcher tells. */
export interface Listener {
  /**
   * The file has other contents than when this was last called.
   *
   * @throws an error for contents that are no good
   */
  load(contents: Buffer): void;
  /**
   * The file cannot be read, or its contents are no good: said once, until they are good again or fail
   * in another way. What is there for a moment only, as a file that is being written, is not said.
   */
  failed(error: Error): void;
}

/**
 * Follows the contents of a file by its status, which is polled: a symbolic link anywhere in its path
 * may be swapped, as Kubernetes does it, and network and overlay mounts deliver no events.
 *
 * It does not keep the process alive.
 */
export class FileWatcher {
  readonly #path: string;
  readonly #limit: number;
  readonly #listener: Listener;
  /** What was last loaded, or complained of; null when the file could not be read. */
  #contents: Buffer | null;
  /** Of the file, at the last look. */
  #status: string;
  #settled = false;
  /** What was last complained of; null since the file was last found good. */
  #complaint: string | null = null;
  #timer: NodeJS.Timeout | null;

  /**
   * @param limit how much is read at most
   * @param contents what the file was found to hold just now
   */
  constructor(path: string, limit: number, contents: Buffer, listener: Listener) {
    this.#path = path;
    this.#limit = limit;
    this.#contents = contents;
    this.#status = statusOf(path);
    this.#listener = listener;
    this.#timer = this.#wait();
  }

  /** Ends the watching. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => {
      stat(this.#path, { bigint: true }, (error, stats) => {
        if (this.#timer === null) return;
        this.#timer = this.#wait();
        this.#look(error, stats);
      });
    }, INTERVAL_MS).unref();
  }

  #look(error: NodeJS.ErrnoException | null, stats: BigIntStats): void {
    const status = error === null ? fingerprint(stats) : String(error.code);
    const stood = status === this.#status;
    if (stood && this.#settled) return;
    // Two writes within a tick of the file system's clock look alike, so a file is read once more
    // after the last change that was seen.
    this.#settled = stood;
    this.#status = status;
    let contents: Buffer | null = null;
    try {
      if (error !== null) throw error;
      contents = readUpTo(this.#limit, this.#path);
      this.#load(contents);
    } catch (failure) {
      // It may be half written, or about to be put in its place.
      if (stood && statusOf(this.#path) === status) this.#complain(failure as Error, contents);
      else this.#settled = false;
    }
  }

  #load(contents: Buffer): void {
    if (this.#contents !== null && contents.equals(this.#contents)) return;
    this.#listener.load(contents);
    this.#contents = contents;
    this.#complaint = null;
  }

  #complain(failure: Error, contents: Buffer | null): void {
    this.#contents = contents;
    // What cannot be read may be readable without any change of the file.
    this.#settled = contents !== null;
    if (failure.message === this.#complaint) return;
    this.#complaint = failure.message;
    this.#listener.failed(failure);
  }
}

/** The fingerprint of a file, or why there is none. */
function statusOf(path: string): string {
  try {
    return fingerprint(statSync(path, { bigint: true }));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** What changes with a file's contents, or when another file takes its place. */
function fingerprint({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
