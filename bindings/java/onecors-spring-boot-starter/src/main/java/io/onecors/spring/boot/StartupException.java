package io.onecors.spring.boot;

import io.onecors.PolicyException;

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
    StringBuilder description = new StringBuilder(source);
    description.append(
        problems.problems().size() == 1
            ? " has a problem, so no policy was built from it:"
            : " has " + problems.problems().size() + " problems, so no policy was built from it:");
    problems
        .problems()
        .forEach(
            problem -> {
              String place = problem.pointer().isEmpty() ? "the document" : problem.pointer();
              description
                  .append(System.lineSeparator())
                  .append(System.lineSeparator())
                  .append("  - at ")
                  .append(place)
                  .append(" (")
                  .append(problem.code())
                  .append("): ")
                  .append(problem.message());
              problem
                  .help()
                  .ifPresent(
                      help ->
                          description.append(System.lineSeparator()).append("    ").append(help));
            });
    return new StartupException(
        description.toString(),
        "Correct each place of the document. Nothing is allowed by a document that has problems.",
        problems);
  }

  String action() {
    return action;
  }
}
