import { native } from './native.js';

/** One problem of a policy document. */
export interface Problem {
  /** The kind of problem, as a stable code such as `trailing_slash`. */
  readonly code: string;
  /**
   * The place, as a JSON pointer (RFC 6901) into the document; empty for the whole document. Keys are not
   * escaped beyond what RFC 6901 requires.
   */
  readonly pointer: string;
  /** What is wrong, and what a browser would do. Quotes from the document are escaped and shortened. */
  readonly message: string;
  /** What to write instead, or `null` if there is no answer. */
  readonly help: string | null;
}

/**
 * A policy document has problems, so no policy was made. The message lists all of them with their places,
 * after the path of the file, if there is one.
 */
export class PolicyError extends Error {
  /** The code of every such error. */
  readonly code = 'ERR_ONECORS_POLICY';
  /** The problems in document order: at least one, at most 1,000. The message counts the others. */
  readonly problems: readonly Problem[];
  /** The file of the document, or `null` if it did not come from a file. */
  readonly path: string | null;
  readonly #text: string;

  /** Makes the error for these problems; `text` describes them for people. */
  constructor(text: string, problems: readonly Problem[], path: string | null = null) {
    super(path === null ? text : `${native.printable(path)}: ${text}`);
    this.#text = text;
    this.path = path;
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
  }

  /**
   * The message without the path.
   *
   * @internal
   */
  get text(): string {
    return this.#text;
  }

  /** The name of the class. */
  override get name(): string {
    return 'PolicyError';
  }
}
