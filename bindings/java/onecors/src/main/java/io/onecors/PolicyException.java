package io.onecors;

import java.util.List;

/**
 * A policy document that has problems, so that no policy was built. The message lists all of them
 * with their places, as people read them: escaped, so that nothing of the document forges a line.
 */
public final class PolicyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Not serialised: what reads an exception from elsewhere has the message. */
  private final transient List<Problem> problems;

  private PolicyException(String message, List<Problem> problems) {
    super(message);
    this.problems = problems;
  }

  /** Reads the problems that {@link Native#compile} returns. */
  static PolicyException unpack(byte[] packed, String source) {
    Unpacker unpacker = new Unpacker(packed);
    String text = unpacker.text();
    return new PolicyException(
        source == null ? text : OneCors.printable(source) + ": " + text,
        Problem.unpackAll(unpacker));
  }

  /**
   * Every problem of the document.
   *
   * @return the problems, at least one
   */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }
}
