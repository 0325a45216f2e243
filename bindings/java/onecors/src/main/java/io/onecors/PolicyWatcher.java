package io.onecors;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the file of a policy four times a second, and loads it when it has changed.
 *
 * <p>Events of the operating system would miss what matters: a Kubernetes ConfigMap swaps a link of
 * a folder above the file, and network and overlay mounts deliver none.
 */
final class PolicyWatcher {
  private static final long INTERVAL_MILLIS = 250;

  private final Path file;
  private final System.Logger logger;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What the operating system said of the file at the last look; null when there was no file. */
  private Map<String, Object> stamp;

  /**
   * Whether the file is to be read once more though its stamp stayed: a write right after the last
   * reading can fall within the same tick of the clock, and what could not be loaded may be half
   * written.
   */
  private boolean unsettled = true;

  /** What was last loaded, or complained of; null when it could be neither. */
  private byte[] document;

  /** What was last logged as an error; null since the file was last found good. */
  private String complaint;

  PolicyWatcher(Path file, System.Logger logger) {
    this.file = file;
    this.logger = logger;
  }

  /** Loads the file for the first time. */
  LivePolicy load() throws IOException {
    stamp = stampOrNull();
    document = Policy.read(file);
    LivePolicy live = new LivePolicy(Policy.compile(document, file.toString()));
    live.replace(live.current(), document);
    return live;
  }

  void start(LivePolicy live) {
    Thread thread = new Thread(() -> run(live), "onecors-watch");
    thread.setDaemon(true);
    // A web application that goes must not be held by its class loader.
    thread.setContextClassLoader(null);
    thread.start();
  }

  private void run(LivePolicy live) {
    try {
      while (!closed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        look(live);
      }
    } catch (InterruptedException e) {
      Log.write(logger, System.Logger.Level.ERROR, "onecors: " + name() + " is no longer watched");
    }
  }

  /** Looks once. */
  void look(LivePolicy live) {
    Map<String, Object> now = stampOrNull();
    boolean changed = !Objects.equals(now, stamp);
    if (!changed && !unsettled) {
      return;
    }
    stamp = now;
    unsettled = changed;
    byte[] bytes = null;
    try {
      bytes = Policy.read(file);
      load(live, bytes);
    } catch (IOException | RuntimeException | Error e) {
      unsettled = true;
      // The file may be half written, or about to be moved into place.
      if (!changed && Objects.equals(now, stampOrNull())) {
        // Anything else may pass without any change of the file, as a lack of memory does.
        boolean bad = e instanceof PolicyException;
        document = bad ? bytes : null;
        unsettled = !bad;
        complain(e);
      }
    }
  }

  private void load(LivePolicy live, byte[] bytes) {
    if (Arrays.equals(bytes, document)) {
      return;
    }
    if (!live.isOf(bytes)) {
      replace(live, Policy.compile(bytes, null), bytes);
    }
    document = bytes;
    complaint = null;
  }

  private synchronized void replace(LivePolicy live, Policy policy, byte[] bytes) {
    if (closed.getCount() > 0) {
      live.replace(policy, bytes);
      Log.write(logger, System.Logger.Level.INFO, "onecors: loaded the changed policy " + name());
    }
  }

  private void complain(Throwable e) {
    String text =
        "onecors: keeping the current policy: cannot reload " + name() + ": " + detailOf(e);
    if (!text.equals(complaint)) {
      complaint = text;
      Log.write(logger, System.Logger.Level.ERROR, text);
    }
  }

  /** The text of an exception, without the path of the file. */
  private static String detailOf(Throwable e) {
    if (e instanceof PolicyException) {
      return e.getMessage();
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException failure && failure.getReason() != null) {
      return OneCors.printable(failure.getReason());
    }
    return OneCors.printable(e.toString());
  }

  /** The path of the file, escaped for a message. */
  private String name() {
    return OneCors.printable(file.toString());
  }

  /** Identifies a state of the file, as far as the operating system supports it. */
  private Map<String, Object> stampOrNull() {
    try {
      return Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
    } catch (UnsupportedOperationException e) {
      return portableStampOrNull();
    } catch (IOException e) {
      return null;
    }
  }

  private Map<String, Object> portableStampOrNull() {
    try {
      return Files.readAttributes(file, "fileKey,size,lastModifiedTime");
    } catch (IOException e) {
      return null;
    }
  }

  synchronized void close() {
    closed.countDown();
  }
}
