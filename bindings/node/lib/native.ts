import { resolve } from 'node:path';

/** The values of a request, each a string, or absent: `undefined` or `null`. */
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
  /** The verdict on every request without an `Origin`, if the policy is a single rule for every path. */
  notCors?: number;
  decide: (...parts: Parts) => number;
  explain: (...parts: Parts) => string;
  /** A number for the pattern that covers the origin or almost does, and for the difference; or 0. */
  nearestPattern: (origin: Parts[0], path: Parts[1]) => number;
  checkOrigin: (path: Parts[1], origin: Parts[0], host: string | null | undefined) => boolean;
}

/** The problems of a refused document, as text and as JSON. */
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
   * Escapes untrusted text for a message or a log: text with characters that are not printable is quoted
   * and escaped, other text is unchanged.
   */
  printable(text: string): string;
  /** Runs the command on the streams of the process, and returns its status. */
  cli(args: readonly string[]): number;
}

interface Library {
  name: string;
  load: () => Native;
}

/** The environment variable with the path of a library to load instead of the package's. */
const OVERRIDE = 'ONECORS_NATIVE_PATH';

/**
 * The libraries in the package, by `process.platform` and `process.arch`. The paths are literals, for
 * bundlers and dependency tracers.
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

/** The native library. It has no state: threads and contexts may each load it. */
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

/** If the path is overridden, no other library is tried. */
function candidates(): readonly Library[] {
  const override = process.env[OVERRIDE];
  if (override) {
    const path = resolve(override);
    return [{ name: visible(path), load: () => open(path) }];
  }
  return PREBUILDS[`${process.platform}-${process.arch}`] ?? [];
}

/** Unlike `require`, this ignores the extension of the file. */
function open(path: string): Native {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Native;
}

/** The JavaScript files and the library depend on each other's internals, so versions must match. */
function checked(library: Native, name: string): Native {
  if (library.version !== VERSION) {
    throw new Error(
      `${name} is version ${library.version}, but the JavaScript files are version ${VERSION}: both ` +
        'must come from the same package',
    );
  }
  return library;
}

/** Escapes a text on one line. The engine, which does so elsewhere, is not loaded yet. */
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
    // Node's message about a library of the package may have several lines, and contains no other path.
    lines.push(`  tried ${name}: ${process.env[OVERRIDE] ? visible(text) : text}`);
  }
  if (process.env[OVERRIDE]) {
    lines.push(`  ${OVERRIDE} is set, so no other library was tried: correct it or unset it.`);
  } else {
    if (attempts.length === 0) {
      lines.push(
        `  the package contains libraries only for ${Object.keys(PREBUILDS).join(', ')} (glibc).`,
      );
    }
    lines.push(
      `  Reinstall with: npm install onecors@${VERSION}`,
      `  Or build the library for this system and set ${OVERRIDE} to its path (see the README).`,
    );
  }
  const cause = attempts.at(-1)?.error;
  return Object.assign(new Error(lines.join('\n'), { cause }), { code: 'ERR_ONECORS_NATIVE' });
}
