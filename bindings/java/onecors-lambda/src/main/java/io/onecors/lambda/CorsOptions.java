package io.onecors.lambda;

import java.util.Objects;

/**
 * Options of a {@link CorsHandler}. Immutable.
 *
 * @param onError what happens when the handler throws
 * @param basePath what is taken off the path of a request before the policy sees it, such as {@code
 *     /v1}; empty for nothing. Slashes around it may be left out
 */
public record CorsOptions(OnError onError, String basePath) {
  /** An exception is thrown on, and nothing is taken off the path. */
  public static final CorsOptions DEFAULTS = new CorsOptions(OnError.RAISE, "");

  /**
   * Options, with the base path as one that a path begins with.
   *
   * @param onError what happens when the handler throws
   * @param basePath what is taken off the path of a request; empty for nothing
   */
  public CorsOptions {
    Objects.requireNonNull(onError, "onError");
    int from = basePath.startsWith("/") ? 1 : 0;
    int to = basePath.endsWith("/") ? basePath.length() - 1 : basePath.length();
    basePath = from < to ? "/" + basePath.substring(from, to) : "";
  }

  /**
   * These options with another {@link #onError}.
   *
   * @param onError what happens when the handler throws
   * @return new options
   */
  public CorsOptions withOnError(OnError onError) {
    return new CorsOptions(onError, basePath);
  }

  /**
   * These options with another {@link #basePath}: that of an API mapping, where a domain of your
   * own has several APIs. A path that does not begin with it is taken as it is.
   *
   * @param basePath the path, such as {@code /v1}
   * @return new options
   */
  public CorsOptions withBasePath(String basePath) {
    return new CorsOptions(onError, basePath);
  }
}
