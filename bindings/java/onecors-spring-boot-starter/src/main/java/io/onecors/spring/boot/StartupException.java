package io.onecors.spring.boot;

import io.onecors.OneCors;
import io.onecors.PolicyException;
import io.onecors.Problem;

/** A reason not to start the application, with what to do about it. */
final class StartupException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final String action;

  /**
   * A reason not to start.
   *
   * @param description what is wrong, where, and why it matters
   * @param action what to write instead
   * @param cause what was thrown, or null
   */
  StartupException(String description, String action, Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  /**
   * A document with problems.
   *
   * @param source what the document is called, such as where it was read from
   * @param problems its problems
   */
  static StartupException of(String source, PolicyException problems) {
    int count = problems.problems().size() + problems.omitted();
    StringBuilder description = new StringBuilder(source);
    description.append(count == 1 ? " has a problem" : " has " + count + " problems");
    description.append(", so no policy was built from it:");
    problems.problems().forEach(problem -> append(description, problem));
    if (problems.omitted() > 0) {
      String line = System.lineSeparator();
      description.append(line).append(line).append("  ... and ").append(problems.omitted());
      description.append(" more");
    }
    return new StartupException(
        description.toString(),
        "Correct each place in the document. A document with problems is never loaded.",
        problems);
  }

  private static void append(StringBuilder description, Problem problem) {
    String line = System.lineSeparator();
    String place =
        problem.pointer().isEmpty() ? "the document" : OneCors.printable(problem.pointer());
    description.append(line).append(line).append("  - at ").append(place);
    description.append(" (").append(problem.code()).append("): ").append(problem.message());
    problem
        .help()
        .map(OneCors::printable)
        .ifPresent(help -> description.append(line).append("    write instead: ").append(help));
  }

  String action() {
    return action;
  }
}
