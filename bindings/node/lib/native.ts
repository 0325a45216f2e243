import { resolve } from 'node:path';

/** Each part of a request is a string, or absent: `undefined` or `null`. */
export type Parts = [
  origin?: string | null | undefined,
  path?: string | null | undefined,
  method?: string | null | undefined,
  accessControlRequestMethod?: string | null | undefined,
  accessControlRequestHeaders?: string | null | undefined,
];

/** A compiled policy: its plans as JSON, and its functions, each of which keeps it alive. */
export interface Compiled {
  plans: string;
  /** The verdict on every request without an `Origin`, of a policy that is one rule for every path. */
  notCors?: number;
  decide: (...parts: Parts) => number;
  explain: (...parts: Parts) => string;
  /** A number for the pattern that covers the origin, or nearly does, and for the difference; or 0. */
  nearestPattern: (origin: Parts[0], path: Parts[1]) => number;
  checkOrigin: (path: Parts[1], origin: Parts[0], host: string | null | undefined) => boolean;
}

/** A refused document: what is wrong with it, as text and as JSON. */
export interface Refused {
  message: string;
  problems: string;
}

/** What the native library exports. */
interface Native {
  version: string;
  maxDocumentBytes: number;
  compile(document: Uint8Array): Compiled | Refused;
  /**
   * Makes a text that somebody else chose fit for a message or a log: an ordinary one is unchanged, and
   * one with characters that are not seen is put in quotes and escaped.
   */
  printable(text: string): string;
  /** Runs the command line on the streams of the process, and gives its status. */
  cli(args: readonly string[]): number;
}

interface Library {
  name: string;
  load: () => Native;
}

/** The environment variable that names a library to load instead of one in the package. */
const OVERRIDE = 'ONECORS_NATIVE_PATH';

/**
 * The libraries in the package, by `process.platform` and `process.arch`. The paths are literals so
 * that bundlers and dependency tracers see them.
 */
const PREBUILDS: Readonly<Record<string, readonly Library[]>> = {
  'linux-x64': [
    {
      name: 'prebuilds/linux-x64-gnu/onecors.node',
      load: () => require('../prebuilds/linux-x64-gnu/onecors.node') as Native,
    },
  ],
};

const { version: VERSION } = require('../package.json') as { version: string };

/** The native library. It holds no state: threads and contexts may load it any number of times. */
export const native = load();

function load(): Native {
  const attempts: { name: string; error: unknown }[] = [];
  for (const library of candidates()) {
    try {
      return checked(library.load(), library.name);
    } catch (error) {
      attempts.push({ name: library.name, error });
    }
  }
  throw unusable(attempts);
}

/** An override stands alone: a library that was asked for by its path has no understudy. */
function candidates(): readonly Library[] {
  const override = process.env[OVERRIDE];
  if (override) {
    const path = resolve(override);
    return [{ name: visible(path), load: () => open(path) }];
  }
  return PREBUILDS[`${process.platform}-${process.arch}`] ?? [];
}

/** Unlike `require`, this goes by the content of a file and not by its ending. */
function open(path: string): Native {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Native;
}

/** The two halves are released together, and only together do they know each other's shapes. */
function checked(library: Native, name: string): Native {
  if (library.version !== VERSION) {
    throw new Error(
      `${name} has version ${library.version}, and this is onecors ${VERSION}: both halves ` +
        'must have the same version',
    );
  }
  return library;
}

/** A text that names the path of the override, on one line. There is no engine yet to escape it. */
function visible(text: string): string {
  return text.replace(/(?! )[\p{C}\p{Z}]/gu, (unseen) => {
    return `\\u{${(unseen.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function unusable(attempts: readonly { name: string; error: unknown }[]): Error {
  const here = `${process.platform}-${process.arch}`;
  const lines = [`onecors ${VERSION} has no usable native library on ${here}:`];
  for (const { name, error } of attempts) {
    const text = error instanceof Error ? error.message : String(error);
    // What node says of a library in the package may have several lines, and names no path but its own.
    lines.push(`  tried ${name}: ${process.env[OVERRIDE] ? visible(text) : text}`);
  }
  if (process.env[OVERRIDE]) {
    lines.push(`  ${OVERRIDE} names the library, so no other was tried: correct or unset it.`);
  } else {
    if (attempts.length === 0) {
      lines.push(
        `  the package has libraries for ${Object.keys(PREBUILDS).join(', ')} (glibc) only.`,
      );
    }
    lines.push(
      `  Reinstall with: npm install onecors@${VERSION}`,
      `  Or build the library for this system, and set ${OVERRIDE} to its path (see the README).`,
    );
  }
  const cause = attempts.at(-1)?.error;
  return Object.assign(new Error(lines.join('\n'), { cause }), { code: 'ERR_ONECORS_NATIVE' });
}
