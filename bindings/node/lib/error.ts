import { native } from './native.js';

/** One thing that is wrong with a policy document. */
export interface Problem {
  /** What kind of problem, as a stable code such as `trailing_slash`. */
  readonly code: string;
  /**
   * Where, as a JSON pointer (RFC 6901); empty for the whole document. The keys in it are as they are in
   * the document, whatever their characters.
   */
  readonly pointer: string;
  /** What is wrong, and what a browser would do. Text of the document in it is escaped and cut. */
  readonly message: string;
  /** What to write instead, where there is something. */
  readonly help: string | null;
}

/**
 * A policy document that has problems: the message names all of them, escaped, and nothing was built.
 */
export class PolicyError extends Error {
  readonly code = 'ERR_ONECORS_POLICY';
  /** Everything that is wrong, in the document's order; never empty. */
  readonly problems: readonly Problem[];
  /** The file that the document is from, if it is from one. */
  readonly path: string | null;

  constructor(text: string, problems: readonly Problem[], path: string | null = null) {
    super(path === null ? text : `${native.printable(path)}: ${text}`);
    this.path = path;
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
  }

  override get name(): string {
    return 'PolicyError';
  }
}
