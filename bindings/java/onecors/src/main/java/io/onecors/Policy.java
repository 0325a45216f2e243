package io.onecors;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A compiled policy document: immutable, and safe to use from any number of threads at once.
 *
 * <p>To replace a policy while requests are decided, use a {@link LivePolicy}.
 *
 * <p>A policy holds native memory. {@link #close} frees it at once, or when the last call in
 * progress returns. A policy that is never closed is freed some time after it becomes unreachable.
 *
 * <p>The first use of this class loads the native library. If that fails, every method that creates
 * a policy throws an {@link UnsatisfiedLinkError} whose message says why, and what to do.
 */
public final class Policy implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Visible to the tests. */
  final Handle handle;

  private final Cleaner.Cleanable cleanable;
  private final List<Plan> plans;
  private final Verdicts verdicts;

  /** Null where every request needs a call. Visible to the tests. */
  final Shortcut shortcut;

  private Policy(long address) {
    handle = new Handle(address, Native::free);
    cleanable = CLEANER.register(this, handle::close);
    plans = Plan.unpackAll(Native.plans(address));
    verdicts = new Verdicts(plans);
    shortcut = Shortcut.unpack(Native.uniform(address, Shortcut.MOST_ORIGINS), verdicts);
  }

  /**
   * Compiles a policy document.
   *
   * @param document the JSON text
   * @return the policy
   * @throws PolicyException if the document has problems; it lists all of them
   */
  public static Policy fromJson(String document) {
    return compile(Utf8.encode(document), null);
  }

  /**
   * Compiles a policy document.
   *
   * @param document the JSON text in UTF-8
   * @return the policy
   * @throws PolicyException if the document has problems; it lists all of them
   */
  public static Policy fromJson(byte[] document) {
    return compile(document, null);
  }

  /**
   * Reads and compiles a policy document. No more is read than a document may have.
   *
   * @param file the file, JSON text in UTF-8
   * @return the policy
   * @throws IOException if the file cannot be read, such as a {@link
   *     java.nio.file.NoSuchFileException}; the message names the path
   * @throws PolicyException if the document has problems; its message begins with the path
   */
  public static Policy fromFile(Path file) throws IOException {
    return compile(read(file), file.toString());
  }

  /** Reads a document, or so much of it that the engine can tell that it is too large. */
  static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(OneCors.MAX_DOCUMENT_BYTES + 1);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // Reading a directory fails without saying which.
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  /**
   * Starts a policy document in code.
   *
   * @return a builder without any option
   */
  public static PolicyBuilder builder() {
    return new PolicyBuilder();
  }

  /** Compiles a document; the source, where there is one, is named in front of its problems. */
  static Policy compile(byte[] document, String source) {
    NativeLibrary.load();
    long[] address = new long[1];
    byte[] problems = Native.compile(document, address);
    if (problems != null) {
      throw PolicyException.unpack(problems, source);
    }
    return new Policy(address[0]);
  }

  /**
   * Whether a decision depends on the path, because the document has path patterns. If not, the
   * path of a request may be empty.
   *
   * @return whether {@link #decide} uses the path
   */
  public boolean dependsOnPath() {
    return shortcut == null;
  }

  /**
   * Decides on a request. No request causes an exception: a malformed one is denied.
   *
   * @param request the request
   * @return the verdict
   * @throws IllegalStateException if the policy is closed, or if the engine has a bug and panicked
   */
  public Verdict decide(Request request) {
    return decide(
        request.method(),
        request.path(),
        request.origin(),
        request.accessControlRequestMethod(),
        request.accessControlRequestHeaders());
  }

  /**
   * Decides on a request without creating a {@link Request}.
   *
   * @param method the request method; null when unknown
   * @param path the path without the query; null when unknown
   * @param origin the value of {@code Origin}; null when absent
   * @param accessControlRequestMethod the value of {@code Access-Control-Request-Method}; null when
   *     absent
   * @param accessControlRequestHeaders the value of {@code Access-Control-Request-Headers}; null
   *     when absent
   * @return the verdict
   * @throws IllegalStateException if the policy is closed, or if the engine has a bug and panicked
   */
  public Verdict decide(
      String method,
      String path,
      String origin,
      String accessControlRequestMethod,
      String accessControlRequestHeaders) {
    Verdict known = shortcut == null ? null : shortcut.find(method, origin);
    if (known != null) {
      handle.requireOpen();
      return known;
    }
    return ask(method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
  }

  /** Decides by a call to the engine. */
  Verdict ask(
      String method,
      String path,
      String origin,
      String accessControlRequestMethod,
      String accessControlRequestHeaders) {
    int counter = handle.enter();
    try {
      PackedRequest packed =
          PackedRequest.ascii(
              method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
      int bits = packed == null ? Native.INEXACT : decide(packed, false);
      if (bits == Native.INEXACT) {
        packed =
            PackedRequest.exact(
                method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
        bits = decide(packed, true);
      }
      return verdicts.of(bits);
    } finally {
      handle.leave(counter);
      // An unreachable policy is closed, so it stays reachable until its last call has been
      // counted.
      Reference.reachabilityFence(this);
    }
  }

  private int decide(PackedRequest packed, boolean isExact) {
    return Native.decide(
        handle.address(),
        packed.bytes,
        isExact,
        packed.method,
        packed.path,
        packed.origin,
        packed.accessControlRequestMethod,
        packed.accessControlRequestHeaders);
  }

  /**
   * A number for the pattern that covers the origin of a request, or nearly does, and for the
   * difference; 0 where none comes near, or the engine has a bug and panicked.
   */
  long nearestPattern(Request request) {
    int counter = handle.enter();
    try {
      return Native.nearestPattern(
          handle.address(),
          request.path() == null ? null : Utf8.encode(request.path()),
          request.origin() == null ? null : Utf8.encode(request.origin()));
    } catch (IllegalStateException panicked) {
      return 0;
    } finally {
      handle.leave(counter);
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Whether to accept a WebSocket handshake, or another request that browsers do not check.
   *
   * <p>It is accepted without {@code Origin}, which every browser sends; on a path that no rule
   * governs; from an origin that the policy allows; and from the same origin: an {@code http} or
   * {@code https} origin whose host and port are those of {@code Host}.
   *
   * @param path the path without the query; null when unknown
   * @param origin the value of {@code Origin}; null when absent
   * @param host the value of {@code Host}; null when absent
   * @return whether to accept it; false if the engine has a bug and panicked
   * @throws IllegalStateException if the policy is closed
   */
  public boolean checkOrigin(String path, String origin, String host) {
    int counter = handle.enter();
    try {
      return Native.checkOrigin(
          handle.address(),
          path == null ? null : Utf8.encode(path),
          origin == null ? null : Utf8.encode(origin),
          host == null ? null : Utf8.encode(host));
    } catch (IllegalStateException panicked) {
      return false;
    } finally {
      handle.leave(counter);
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Decides on a request and explains the decision, for people and logs. Too slow for every
   * request.
   *
   * <p>The explanation is one JSON object, the same in every language. It has all of these keys;
   * those that do not apply are null:
   *
   * <ul>
   *   <li>{@code outcome} and {@code reason}, as in the verdict;
   *   <li>{@code summary}, the explanation in one line;
   *   <li>{@code rule}, which governs the path: {@code name}, {@code pointer}, {@code
   *       path_pattern};
   *   <li>{@code origin_pattern}, which covers the origin: {@code pattern}, {@code pointer};
   *   <li>{@code checks}, in order, up to the one that failed: of each {@code check}, {@code
   *       passed}, {@code expected}, {@code received};
   *   <li>{@code nearest_miss}, the pattern that nearly covers the origin: {@code pattern}, {@code
   *       pointer}, {@code difference}, {@code difference_code}, {@code covered_origin};
   *   <li>{@code status} and {@code headers} of the response, the latter as names and values;
   *   <li>{@code browser_message}, the message in a browser's console;
   *   <li>{@code advice}, what to change.
   * </ul>
   *
   * @param request the request
   * @return the JSON text. Control characters are escaped, so that it can be logged
   * @throws IllegalStateException if the policy is closed, or if the engine has a bug and panicked
   */
  public String explain(Request request) {
    return tell(request, Native::explain);
  }

  /** The line that {@link #explain} has under {@code summary}. */
  String summary(Request request) {
    return tell(request, Native::summarize);
  }

  private String tell(Request request, Story story) {
    PackedRequest packed =
        PackedRequest.exact(
            request.method(),
            request.path(),
            request.origin(),
            request.accessControlRequestMethod(),
            request.accessControlRequestHeaders());
    int counter = handle.enter();
    try {
      return Utf8.decode(
          story.tell(
              handle.address(),
              packed.bytes,
              packed.method,
              packed.path,
              packed.origin,
              packed.accessControlRequestMethod,
              packed.accessControlRequestHeaders));
    } finally {
      handle.leave(counter);
      Reference.reachabilityFence(this);
    }
  }

  /** A native method that describes a decision. */
  private interface Story {
    byte[] tell(
        long policy,
        byte[] request,
        int method,
        int path,
        int origin,
        int accessControlRequestMethod,
        int accessControlRequestHeaders);
  }

  /**
   * Every plan of this policy. Plans stay valid when the policy is closed.
   *
   * @return the plans, unmodifiable
   */
  public List<Plan> plans() {
    return plans;
  }

  /**
   * Closes the policy: from now on {@link #decide} and {@link #explain} throw an {@link
   * IllegalStateException}. Calls in progress are not disturbed, and verdicts and plans stay valid.
   * Closing again does nothing.
   */
  @Override
  public void close() {
    cleanable.clean();
  }
}
