package io.onecors.spring.boot;

import io.onecors.Outcome;
import io.onecors.Policy;
import io.onecors.Request;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * Asks the policy which of Spring's path patterns meet paths that it governs. A pattern stands for
 * many paths, of which a few are tried, and all routes of the application that it matches.
 */
final class GovernedPaths {
  private final Policy policy;
  private final String prefix;
  private final List<String> routes = new ArrayList<>();

  /**
   * Paths below a prefix.
   *
   * @param policy the policy
   * @param prefix what stands in front of each pattern in the path of a request, such as the
   *     context path; may be empty
   */
  GovernedPaths(Policy policy, String prefix) {
    this.policy = policy;
    this.prefix = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
  }

  /** Remembers the patterns of routes, to be tried with wider patterns. */
  void addRoutes(Collection<String> patterns) {
    patterns.stream().flatMap(GovernedPaths::examples).forEach(routes::add);
  }

  /** Whether the policy governs a path that the pattern matches. */
  boolean meets(String pattern) {
    // Every policy governs some path, and these match every path.
    if (pattern.equals("/**") || pattern.startsWith("/{*")) {
      return true;
    }
    return Stream.concat(examples(pattern), routesOf(pattern)).anyMatch(this::isGoverned);
  }

  private Stream<String> routesOf(String pattern) {
    Optional<PathPattern> parsed = parse(pattern);
    return routes.stream()
        .filter(route -> parsed.isEmpty() || parsed.get().matches(PathContainer.parsePath(route)));
  }

  private static Optional<PathPattern> parse(String pattern) {
    try {
      return Optional.of(PathPatternParser.defaultInstance.parse(pattern));
    } catch (PatternParseException e) {
      // AntPathMatcher knows more. Then every route counts.
      return Optional.empty();
    }
  }

  private boolean isGoverned(String path) {
    Request request = Request.of("GET", prefix + path);
    return policy.decide(request).outcome() != Outcome.UNGOVERNED;
  }

  /** Some paths that a pattern matches, with "x" for whatever it leaves open. */
  private static Stream<String> examples(String pattern) {
    String start = pattern.startsWith("/") ? pattern : "/" + pattern;
    String single = start.replaceAll("\\{[^/*{}]+(\\{[^{}]*}[^{}]*)*}", "x");
    return Stream.of("", "/", "/x", "/x/x")
        .map(rest -> single.replaceAll("/(\\*\\*|\\{\\*[^{}]*})", rest))
        .map(path -> path.replace('*', 'x').replace('?', 'x'))
        .distinct();
  }
}
