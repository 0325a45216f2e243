package io.onecors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
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

  /** What the operating system said of the file before it was last read; null when that failed. */
  private Map<String, Object> stamp;

  /**
   * Whether the file is to be read once more though its stamp stayed: a write right after the last
   * reading can fall within the same tick of the clock.
   */
  private boolean unsettled = true;

  /** What the file held when it was last read. */
  private byte[] document;

  /** What was last logged as an error; null since the file was last found good. */
  private String failure;

  PolicyWatcher(Path file, System.Logger logger) {
    this.file = file;
    this.logger = logger;
  }

  /** Loads the file for the first time. */
  LivePolicy load() throws IOException {
    stamp = stamp();
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
      Log.write(logger, System.Logger.Level.ERROR, "onecors: " + file + " is no longer watched");
    }
  }

  private void look(LivePolicy live) {
    try {
      Map<String, Object> now = stamp();
      boolean changed = !now.equals(stamp);
      if (changed || unsettled) {
        stamp = now;
        unsettled = changed;
        load(live, changed);
      }
    } catch (PolicyException e) {
      fail(e.getMessage());
    } catch (IOException | RuntimeException | Error e) {
      // It may pass without any change of the file, as a lack of file descriptors does.
      stamp = null;
      fail(e instanceof NoSuchFileException ? file + ": there is no such file" : file + ": " + e);
    }
  }

  private void load(LivePolicy live, boolean changed) throws IOException {
    byte[] bytes = Policy.read(file);
    if (!changed && Arrays.equals(bytes, document)) {
      return;
    }
    document = bytes;
    if (!live.isOf(bytes)) {
      replace(live, Policy.compile(bytes, file.toString()));
    }
    failure = null;
  }

  private synchronized void replace(LivePolicy live, Policy policy) {
    if (closed.getCount() > 0) {
      live.replace(policy, document);
      Log.write(logger, System.Logger.Level.INFO, "onecors: loaded the policy of " + file);
    }
  }

  private void fail(String what) {
    if (!what.equals(failure)) {
      failure = what;
      Log.write(logger, System.Logger.Level.ERROR, "onecors: the policy in force stays. " + what);
    }
  }

  /** What tells one state of the file from another, as far as the operating system has it. */
  private Map<String, Object> stamp() throws IOException {
    try {
      return Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
    } catch (UnsupportedOperationException e) {
      return Files.readAttributes(file, "fileKey,size,lastModifiedTime");
    }
  }

  synchronized void close() {
    closed.countDown();
  }
}
