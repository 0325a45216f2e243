package io.onecors.lambda;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged to {@code io.onecors} until this is closed, and nowhere else. */
final class LogLines implements AutoCloseable {
  final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private final Logger logger = Logger.getLogger("io.onecors");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          records.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  LogLines() {
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  List<String> texts() {
    return records.stream().map(entry -> entry.getLevel() + " " + entry.getMessage()).toList();
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }
}
