import { closeSync, openSync, readSync } from 'node:fs';
import { native } from './native.js';

/** The initial size of the buffer, which doubles when it is full. */
const FIRST_BYTES = 64 * 1024;

/**
 * Reads a file up to a limit, which bounds the cost of a huge file or an endless device.
 *
 * @throws the error of `node:fs`, which names the path
 */
export function readUpTo(limit: number, path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(FIRST_BYTES);
    let length = 0;
    while (length < limit) {
      if (length === buffer.length) {
        buffer = Buffer.concat([buffer], Math.min(2 * length, limit));
      }
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw naming(path, error as NodeJS.ErrnoException);
  } finally {
    closeSync(file);
  }
}

/** Adds the path to the error of a read (of a directory, say), which lacks it. */
function naming(path: string, { message, code, errno, syscall }: NodeJS.ErrnoException): Error {
  return Object.assign(new Error(`${message} '${native.printable(path)}'`), {
    code,
    errno,
    syscall,
    path,
  });
}
