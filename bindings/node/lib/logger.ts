/**
 * Where the adapters log to: `console`, a winston or a pino logger, or anything else with these
 * methods. What is logged is escaped: nothing in a request can forge a line.
 */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The logger that an option asks for; `false` is for none, and the default is `console`. */
export function loggerOf(option: Logger | false | undefined): Logger | null {
  return option === false ? null : (option ?? console);
}

/** Calls a logger, which must not break what it logs: a request, or the watching of a file. */
export function quietly(log: () => void): void {
  try {
    log();
  } catch {
    // There is nowhere left to say so.
  }
}
