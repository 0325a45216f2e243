package io.onecors;

import java.util.List;

/**
 * Thrown for a policy document with problems; no policy is built. The message lists all problems
 * with their places. It is escaped, so that text from the document cannot forge a log line.
 */
public final class PolicyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Not serialised: what reads an exception from elsewhere has the message. */
  private final transient List<Problem> problems;

  /** How many problems are not listed. */
  private final int omitted;

  private PolicyException(String message, List<Problem> problems, int omitted) {
    super(message);
    this.problems = problems;
    this.omitted = omitted;
  }

  /** Reads the problems that {@link Native#compile} returns. */
  static PolicyException unpack(byte[] packed, String source) {
    Unpacker unpacker = new Unpacker(packed);
    String text = unpacker.text();
    int omitted = unpacker.number();
    return new PolicyException(
        source == null ? text : OneCors.printable(source) + ": " + text,
        Problem.unpackAll(unpacker),
        omitted);
  }

  /**
   * Every problem of the document, or the first 1,000 of more.
   *
   * @return the problems, in the document's order, at least one
   */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }

  /**
   * The number of problems that are not listed.
   *
   * @return their number, usually 0
   */
  public int omitted() {
    return omitted;
  }
}
