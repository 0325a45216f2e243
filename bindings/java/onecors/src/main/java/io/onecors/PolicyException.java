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
   * How many more problems the document has than are listed.
   *
   * @return their number, usually 0
   */
  public int omitted() {
    return omitted;
  }
}
