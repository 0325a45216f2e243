package io.onecors.servlet;

import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What was decided on a request, once for its whole life.
 *
 * @param policy the policy that decided
 * @param view the request as the policy saw it
 * @param host the value of {@code Host}, or null
 * @param isHandshake whether the request asks for a WebSocket
 * @param verdict the verdict
 */
record Exchange(Policy policy, Request view, String host, boolean isHandshake, Verdict verdict) {
  private static final int FORBIDDEN = 403;

  /** A dot segment, whatever its parameters, or what may count as a slash. */
  private static final Pattern AMBIGUOUS =
      Pattern.compile("/(\\.|%2e){1,2}([;/]|$)|%2f|%5c|\\\\", Pattern.CASE_INSENSITIVE);

  /** For a path that is not known, and so may be any rule's: what grants nothing. */
  private static final Plan NOTHING = new Plan(OptionalInt.empty(), List.of(), List.of("Origin"));

  /** Decides on a request; {@code upgrade} is the value of its field of that name, or null. */
  static Exchange decide(Policy policy, Request view, String host, String upgrade) {
    return new Exchange(
        policy, view, host, isHandshake(view.method(), upgrade), policy.decide(view));
  }

  /** The lines of a field as one value; null when there are none. */
  static String join(Collection<String> lines) {
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  /**
   * Whether a path, as it was received, is read in different ways: a container resolves dot
   * segments and decodes slashes or not, and frameworks such as Spring MVC and JAX-RS route on the
   * path as it was received.
   */
  static boolean isAmbiguous(String path) {
    return AMBIGUOUS.matcher(path).find();
  }

  /** RFC 6455, section 4.2.1; over HTTP/2 it is an extended CONNECT, RFC 8441, section 4. */
  private static boolean isHandshake(String method, String upgrade) {
    return "CONNECT".equals(method)
        || "GET".equals(method)
            && upgrade != null
            && Stream.of(upgrade.split(","))
                .anyMatch(token -> token.strip().equalsIgnoreCase("websocket"));
  }

  boolean isGoverned() {
    return verdict.outcome() != Outcome.UNGOVERNED || isUnknown();
  }

  /** What to do to the response. */
  Plan plan() {
    return isUnknown() ? NOTHING : verdict.plan();
  }

  /** Whether the rule depends on the path, and the path is not known. */
  private boolean isUnknown() {
    return view.path() == null && verdict.outcome() == Outcome.UNGOVERNED;
  }

  /** The status of a response that ends here, before the application. */
  OptionalInt status() {
    if (isHandshake && isRefused() || isUnknown() && isPreflight()) {
      return OptionalInt.of(FORBIDDEN);
    }
    return verdict.plan().status();
  }

  /** A handshake whose path is not known may reach any handler. */
  private boolean isRefused() {
    return isUnknown()
        ? view.origin() != null
        : !policy.checkOrigin(view.path(), view.origin(), host);
  }

  private boolean isPreflight() {
    return "OPTIONS".equals(view.method())
        && view.origin() != null
        && view.accessControlRequestMethod() != null;
  }
}
