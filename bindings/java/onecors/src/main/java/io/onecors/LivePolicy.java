package io.onecors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Holds a policy that can be replaced while requests are decided. Safe to use from any number of
 * threads at once.
 *
 * <p>Call {@link #current} once per request, so that the request uses one policy from start to end.
 * A replaced policy is not closed, because requests may still use it; its native memory is freed
 * some time after it becomes unreachable.
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
   * Loads a policy document, and reloads it within a second of each change of the file: a write, a
   * rename, or a swapped symbolic link of a folder above it.
   *
   * <p>If the document has problems or the file is missing, the current policy stays, the error is
   * logged once at ERROR with every problem, and watching continues. Transient states, such as a
   * half-written file, are not logged. A reload is logged at INFO. Writing the same content again
   * is not a change: a policy that {@link #replace} set stays. The logger is the {@link
   * System.Logger} named {@code io.onecors}. A daemon thread polls the file until {@link #close}.
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
   * The current policy.
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
   * Compiles a document and replaces the current policy.
   *
   * @param document the JSON text
   * @throws PolicyException if the document has problems; it lists all of them, and the policy in
   *     force stays
   */
  public void replace(String document) {
    replace(Utf8.encode(document));
  }

  /**
   * Compiles a document and replaces the current policy.
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
   * Replaces the current policy. If a file is watched, its next change replaces this one.
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
   * Stops watching the file, if one is watched: after this returns, it is not reloaded. The current
   * policy stays, and is not closed.
   */
  @Override
  public void close() {
    if (watcher != null) {
      watcher.close();
    }
  }
}
