package io.onecors;

import java.util.Map;

/**
 * One entry of {@code allow_origins}: a pattern in onecors' own syntax, or a regular expression.
 */
public final class OriginPattern {
  /** As it stands in the document. */
  final Object entry;

  private OriginPattern(Object entry) {
    this.entry = entry;
  }

  /**
   * A pattern such as {@code https://app.example.com}, {@code https://*.example.com} or {@code
   * http://localhost:*}.
   *
   * @param pattern the pattern; checked when the policy is built
   * @return the entry
   */
  public static OriginPattern of(String pattern) {
    return new OriginPattern(pattern);
  }

  /**
   * A regular expression that has to match the whole origin.
   *
   * @param regex the expression, in the syntax of the Rust regex crate: no look-around and no
   *     back-references, and it matches in linear time; checked when the policy is built
   * @return the entry
   */
  public static OriginPattern regex(String regex) {
    return new OriginPattern(Json.object("regex", regex));
  }

  /** The entry as it stands in the document. */
  @Override
  public String toString() {
    return entry instanceof Map ? Json.write(entry) : String.valueOf(entry);
  }
}
