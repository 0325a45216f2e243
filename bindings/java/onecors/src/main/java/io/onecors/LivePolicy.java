package io.onecors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The policy in force, which can be replaced while requests are being decided. Safe to use from any
 * number of threads at once.
 *
 * <p>A request that is to see one policy from start to end calls {@link #current} once. A policy
 * that was replaced is not closed, since a request may still be using it: its native memory is
 * given back some time after the last one forgot it.
 */
public final class LivePolicy implements Supplier<Policy>, AutoCloseable {
  private volatile InForce inForce;
  private PolicyWatcher watcher;

  /** A policy and its document, which is null where it is not known. */
  private record InForce(Policy policy, byte[] document) {}

  /**
   * Begins with a policy.
   *
   * @param policy the first policy in force
   */
  public LivePolicy(Policy policy) {
    replace(policy);
  }

  /**
   * Loads a policy document, and loads it again within a second whenever the file changes: by a
   * write, a rename, or the swap of a symbolic link of a folder above it.
   *
   * <p>A document with problems, or a file that is gone, changes nothing. It is logged once at
   * error, with every problem, and watching goes on. What is there for a moment only, as a file
   * that is being written, is not logged. A policy that was loaded is logged at info. A file that
   * is written with what it held before is no change: what {@link #replace} put into force stays.
   * The logger is the {@link System.Logger} named {@code io.onecors}. A daemon thread looks at the
   * file, until {@link #close}.
   *
   * @param file the file, JSON text in UTF-8
   * @return the policy of the file, live
   * @throws IOException if the file cannot be read now; the message names the path
   * @throws PolicyException if the document has problems now; its message begins with the path
   */
  public static LivePolicy watch(Path file) throws IOException {
    return watch(file, System.getLogger("io.onecors"));
  }

  static LivePolicy watch(Path file, System.Logger logger) throws IOException {
    PolicyWatcher watcher = new PolicyWatcher(file, logger);
    LivePolicy live = watcher.load();
    live.watcher = watcher;
    watcher.start(live);
    return live;
  }

  /**
   * The policy in force.
   *
   * @return the policy, not to be closed
   */
  public Policy current() {
    return inForce.policy();
  }

  /**
   * The same as {@link #current}.
   *
   * @return the policy, not to be closed
   */
  @Override
  public Policy get() {
    return inForce.policy();
  }

  /**
   * Puts the policy of a document into force.
   *
   * @param document the JSON text
   * @throws PolicyException if the document has problems; it lists all of them, and the policy in
   *     force stays
   */
  public void replace(String document) {
    replace(Utf8.encode(document));
  }

  /**
   * Puts the policy of a document into force.
   *
   * @param document the JSON text in UTF-8
   * @throws PolicyException if the document has problems; it lists all of them, and the policy in
   *     force stays
   */
  public void replace(byte[] document) {
    byte[] copy = document.clone();
    replace(Policy.fromJson(copy), copy);
  }

  /**
   * Puts a policy into force. Where a file is watched, its next change replaces this policy in
   * turn.
   *
   * @param policy the policy; it must not be closed while it is in force
   */
  public void replace(Policy policy) {
    replace(policy, null);
  }

  /** Puts a policy into force whose document is known. */
  void replace(Policy policy, byte[] document) {
    inForce = new InForce(Objects.requireNonNull(policy, "policy"), document);
  }

  /** Whether the policy in force was made of this document. */
  boolean isOf(byte[] document) {
    return Arrays.equals(inForce.document(), document);
  }

  /**
   * Stops watching the file, if one is watched: when this returns, it is not loaded again. The
   * policy in force stays, and is not closed.
   */
  @Override
  public void close() {
    if (watcher != null) {
      watcher.close();
    }
  }
}
