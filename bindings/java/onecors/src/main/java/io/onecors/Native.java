package io.onecors;

/**
 * The native methods. {@link NativeLibrary#load} must have returned before any of them is called.
 *
 * <p>They are found by the name of this class, so a tool that renames or relocates classes has to
 * leave this one alone.
 *
 * <p>A request is packed as {@link PackedRequest} says. A result in a byte array is read by an
 * {@link Unpacker}. A panic of the engine is thrown as an {@link IllegalStateException}.
 */
final class Native {
  private Native() {}

  /** The version of the engine, in UTF-8. */
  static native byte[] version();

  /**
   * Compiles a document.
   *
   * @param policy an array of one element, which takes the address of the policy
   * @return null, or the problems: the text of all, how many are not listed, the number of the
   *     others, and of each the code, pointer, message and help
   */
  static native byte[] compile(byte[] document, long[] policy);

  /**
   * The table of plans: their number, and of each the status or 0, the number of headers, of each
   * header the name, the fixed value and the number of the slot or 0, then the number of tokens of
   * {@code Vary} and the tokens.
   */
  static native byte[] plans(long policy);

  /**
   * What needs no call where the document has no path patterns: the bits of the verdict on every
   * request without {@code Origin}, the bits of the verdict on the actual requests of the exact
   * origins, and these origins; none of them when there are more than {@code most}. Null where the
   * document has path patterns.
   */
  static native byte[] uniform(long policy, int most);

  /** In the place of the bits of a verdict: the request has a question mark. */
  static final int INEXACT = -1;

  /**
   * Decides on a request: the bits of the verdict. Nothing is decided, and the result is {@link
   * #INEXACT}, where the request is not exact and has a question mark, which may stand for
   * something else.
   */
  static native int decide(
      long policy,
      byte[] request,
      boolean isExact,
      int method,
      int path,
      int origin,
      int accessControlRequestMethod,
      int accessControlRequestHeaders);

  /** Decides on a request and explains the decision: one JSON object, in UTF-8. */
  static native byte[] explain(
      long policy,
      byte[] request,
      int method,
      int path,
      int origin,
      int accessControlRequestMethod,
      int accessControlRequestHeaders);

  /** Decides on a request and summarises the decision: one line, in UTF-8. */
  static native byte[] summarize(
      long policy,
      byte[] request,
      int method,
      int path,
      int origin,
      int accessControlRequestMethod,
      int accessControlRequestHeaders);

  /** Makes a text in UTF-8, that somebody else chose, fit for a message or a log. */
  static native byte[] printable(byte[] text);

  /** Whether a handshake may go on. Each field is in UTF-8, or null. */
  static native boolean checkOrigin(long policy, byte[] path, byte[] origin, byte[] host);

  /**
   * A number for the pattern that covers an origin, or nearly does, and for the difference; 0 where
   * none comes near. Each field is in UTF-8, or null.
   */
  static native long nearestPattern(long policy, byte[] path, byte[] origin);

  /** Frees a policy, which no other call may be using. */
  static native void free(long policy);
}
