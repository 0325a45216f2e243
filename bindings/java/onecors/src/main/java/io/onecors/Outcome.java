package io.onecors;

import java.util.Locale;

/** The kind of response that a request gets. */
public enum Outcome {
  // In the order of the engine's numbers, which begin with 0.

  /** No rule governs the path: leave the response alone. */
  UNGOVERNED,
  /** The request has no {@code Origin}, so it is not a CORS request. */
  NOT_CORS,
  /** An actual request from an allowed origin. */
  ACTUAL_ALLOWED,
  /** An actual request whose response the page cannot read. */
  ACTUAL_DENIED,
  /** A CORS-preflight request to answer with the plan's status. */
  PREFLIGHT_ALLOWED,
  /** A CORS-preflight request to refuse with the plan's status. */
  PREFLIGHT_DENIED;

  private final String code = name().toLowerCase(Locale.ROOT);

  /**
   * The stable code, the same in every language.
   *
   * @return the code, such as {@code actual_allowed}
   */
  public String code() {
    return code;
  }
}
