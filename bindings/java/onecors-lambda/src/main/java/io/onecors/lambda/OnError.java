package io.onecors.lambda;

/** What a {@link CorsHandler} does when the handler that it wraps throws. */
public enum OnError {
  /**
   * Throws it on. The function fails, and what calls it answers by itself, without the policy: API
   * Gateway with 502, which no page can read unless its gateway responses say otherwise.
   */
  RAISE,

  /**
   * Logs it at error, to the {@link System.Logger} named {@code io.onecors}, and answers 500 with
   * the header fields of the policy. The invocation counts as a success for Lambda's metrics.
   */
  RESPOND
}
