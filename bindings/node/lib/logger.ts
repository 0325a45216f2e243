/**
 * A logger: `console`, a winston or a pino logger, or any object with these methods. Messages are escaped:
 * no request can forge a line.
 */
export interface Logger {
  /** Logs that a changed policy was loaded. */
  info(message: string): void;
  /** Logs denials, and mistakes in the placement of an adapter. */
  warn(message: string): void;
  /** Logs that a changed policy cannot be loaded, and exceptions that are answered with `500`. */
  error(message: string): void;
}

/** The logger of an option: `false` for none, `console` by default. */
export function loggerOf(option: Logger | false | undefined): Logger | null {
  return option === false ? null : (option ?? console);
}

/** Calls a logger. If that throws, the request, or the watching of a file, must not fail. */
export function quietly(log: () => void): void {
  try {
    log();
  } catch {
    // There is nowhere left to report it.
  }
}
