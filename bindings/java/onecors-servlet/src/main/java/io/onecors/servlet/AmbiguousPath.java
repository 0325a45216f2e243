package io.onecors.servlet;

import java.util.regex.Pattern;

/**
 * Paths that are read in different ways: a container resolves dot segments and decodes slashes or
 * not, and frameworks such as Spring MVC and JAX-RS route on the path as it was received.
 */
final class AmbiguousPath {
  /** A dot segment, whatever its parameters, or what may count as a slash. Visible to the tests. */
  static final Pattern AMBIGUOUS =
      Pattern.compile("/(\\.|%2e){1,2}([;/]|$)|%2f|%5c|\\\\", Pattern.CASE_INSENSITIVE);

  private AmbiguousPath() {}

  /** Whether a path, as it was received, is one. */
  static boolean matches(String path) {
    // Nearly no path has one of the characters without which the pattern matches nothing.
    boolean mayMatch = path.indexOf('%') >= 0 || path.indexOf('\\') >= 0 || path.contains("/.");
    return mayMatch && AMBIGUOUS.matcher(path).find();
  }
}
