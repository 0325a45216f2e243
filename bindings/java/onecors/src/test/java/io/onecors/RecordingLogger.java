package io.onecors;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;

/** A logger that keeps what it is given, and may throw on top of that. */
final class RecordingLogger implements System.Logger {
  final List<String> lines = new CopyOnWriteArrayList<>();
  boolean throwing;

  @Override
  public String getName() {
    return "recording";
  }

  @Override
  public boolean isLoggable(Level level) {
    return true;
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
    log(level, bundle, message);
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
    lines.add(level + " " + format);
    if (throwing) {
      throw new IllegalStateException("the logger failed");
    }
  }
}
