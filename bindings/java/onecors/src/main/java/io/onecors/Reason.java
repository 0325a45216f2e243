package io.onecors;

import java.util.Locale;

/** Why a request was refused. */
public enum Reason {
  // In the order of the engine's numbers, which begin with 1, and of its checks.

  /**
   * {@code Origin} is not what the Fetch standard's <i>serialising a request origin</i> produces.
   */
  MALFORMED_ORIGIN,
  /** No origin pattern of the rule covers the origin. */
  ORIGIN_NOT_ALLOWED,
  /** {@code Access-Control-Request-Method} is not one token. */
  MALFORMED_REQUEST_METHOD,
  /** The method is neither safelisted nor listed, or browsers forbid it. */
  METHOD_NOT_ALLOWED,
  /** {@code Access-Control-Request-Headers} has more than 8,192 bytes or 64 names. */
  TOO_MANY_HEADERS,
  /** {@code Access-Control-Request-Headers} is not a list of tokens. */
  MALFORMED_REQUEST_HEADERS,
  /** A requested header name is not listed. */
  HEADER_NOT_ALLOWED;

  private final String code = name().toLowerCase(Locale.ROOT);

  /**
   * The stable code, the same in every language.
   *
   * @return the code, such as {@code origin_not_allowed}
   */
  public String code() {
    return code;
  }
}
