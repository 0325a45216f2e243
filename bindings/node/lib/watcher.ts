import { type BigIntStats, stat } from 'node:fs';
import { readUpTo } from './file.js';

/** How often a watched file is looked at, in milliseconds. */
const INTERVAL_MS = 250;

/** What a watcher tells. */
export interface Listener {
  /** The file has other contents than when this was last called. */
  changed(contents: Buffer): void;
  /** The file cannot be read; said once, until it can again or fails in another way. */
  unreadable(error: Error): void;
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
  #contents: Buffer;
  #status = '';
  #settled = false;
  #failure: string | undefined;
  #timer: NodeJS.Timeout | null;

  /**
   * @param limit how much is read at most
   * @param contents what the file was found to hold before
   */
  constructor(path: string, limit: number, contents: Buffer, listener: Listener) {
    this.#path = path;
    this.#limit = limit;
    this.#contents = contents;
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
    const same = status === this.#status;
    if (same && this.#settled) return;
    // Two writes within a tick of the file system's clock look alike, so a file is read once more
    // after the last change that was seen.
    this.#settled = same;
    this.#status = status;
    if (error === null) this.#read();
    else this.#fail(error);
  }

  #read(): void {
    let contents: Buffer;
    try {
      contents = readUpTo(this.#limit, this.#path);
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
      return;
    }
    this.#failure = undefined;
    if (contents.equals(this.#contents)) return;
    this.#contents = contents;
    this.#listener.changed(contents);
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failure === error.code) return;
    this.#failure = error.code;
    this.#listener.unreadable(error);
  }
}

/** What changes with a file's contents, or when another file takes its place. */
function fingerprint({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
