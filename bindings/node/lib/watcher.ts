import { type BigIntStats, stat, statSync } from 'node:fs';
import { readUpTo } from './file.js';

/** Milliseconds between two looks at a watched file. */
const INTERVAL_MS = 250;

/** The callbacks of a watcher. */
export interface Listener {
  /**
   * Called when the contents have changed since the last call.
   *
   * @throws an error for bad contents
   */
  load(contents: Buffer): void;
  /**
   * Called once if the file cannot be read or its contents are bad, until they are good again or the error
   * changes. Not called for a state that lasts only a moment, such as a half-written file.
   */
  failed(error: Error): void;
}

/**
 * Watches the contents of a file by polling its status. File system events cover neither network and overlay
 * mounts nor a symbolic link in a parent folder, which is how Kubernetes replaces a file.
 *
 * Does not keep the process alive.
 */
export class FileWatcher {
  readonly #path: string;
  readonly #limit: number;
  readonly #listener: Listener;
  /** The contents that were last loaded or reported as bad; null if the file could not be read. */
  #contents: Buffer | null;
  /** The status of the file at the last look. */
  #status: string;
  #settled = false;
  /** The last reported error; null once the file is good again. */
  #complaint: string | null = null;
  #timer: NodeJS.Timeout | null;

  /**
   * @param limit the maximum number of bytes to read
   * @param contents the current contents of the file
   */
  constructor(path: string, limit: number, contents: Buffer, listener: Listener) {
    this.#path = path;
    this.#limit = limit;
    this.#contents = contents;
    this.#status = statusOf(path);
    this.#listener = listener;
    this.#timer = this.#wait();
  }

  /** Stops watching. */
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
    const unchanged = status === this.#status;
    if (unchanged && this.#settled) return;
    // Two writes within a tick of the file system's clock have the same status, so the file is read again
    // one look after the last change.
    this.#settled = unchanged;
    this.#status = status;
    let contents: Buffer | null = null;
    try {
      if (error !== null) throw error;
      contents = readUpTo(this.#limit, this.#path);
      this.#load(contents);
    } catch (failure) {
      // It may be half written, or just being replaced.
      if (unchanged && statusOf(this.#path) === status) this.#complain(failure as Error, contents);
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
    // An unreadable file may become readable without a change of its status.
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

/** The parts of a status that change with the contents, or when another file replaces this one. */
function fingerprint({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
