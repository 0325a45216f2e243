package io.onecors;

/** Writes to a logger of the host, which may throw what it likes. */
final class Log {
  private Log() {}

  /** Logs a message as it is; what the logger throws is dropped. */
  static void write(System.Logger logger, System.Logger.Level level, String message) {
    try {
      logger.log(level, message);
    } catch (RuntimeException e) {
      // A logger that fails must not break a request, nor end the watching of a file.
    }
  }
}
