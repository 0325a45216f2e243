package io.onecors.servlet;

import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What was decided on a request, once for all of its dispatches.
 *
 * @param policy the policy that decided
 * @param view the request as the policy saw it
 * @param host the value of {@code Host}, or null
 * @param verdict the verdict
 */
record Exchange(Policy policy, Request view, String host, Verdict verdict) {
  private static final String ATTRIBUTE = Exchange.class.getName();

  /** A dot segment, whatever its parameters, or what may count as a slash. */
  private static final Pattern AMBIGUOUS =
      Pattern.compile("/(\\.|%2e){1,2}([;/]|$)|%2f|%5c|\\\\", Pattern.CASE_INSENSITIVE);

  /** For a path that is not known, and so may be any rule's: what grants nothing. */
  private static final Plan NOTHING = new Plan(OptionalInt.empty(), List.of(), List.of("Origin"));

  /** What was decided on this request before, or else is decided now. */
  static Exchange of(HttpServletRequest request, String contextPath, Supplier<Policy> policy) {
    if (request.getAttribute(ATTRIBUTE) instanceof Exchange known) {
      return known;
    }
    Request view =
        new Request(
            request.getMethod(),
            path(request, contextPath),
            field(request, "Origin"),
            field(request, "Access-Control-Request-Method"),
            field(request, "Access-Control-Request-Headers"));
    Policy current = policy.get();
    Exchange exchange = new Exchange(current, view, host(request), current.decide(view));
    request.setAttribute(ATTRIBUTE, exchange);
    return exchange;
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
  OptionalInt status(HttpServletRequest request) {
    boolean refused =
        isHandshake(request)
            && (isUnknown()
                ? view.origin() != null
                : !policy.checkOrigin(view.path(), view.origin(), host));
    if (refused || isUnknown() && isPreflight()) {
      return OptionalInt.of(HttpServletResponse.SC_FORBIDDEN);
    }
    return verdict.plan().status();
  }

  private boolean isPreflight() {
    return "OPTIONS".equals(view.method())
        && view.origin() != null
        && view.accessControlRequestMethod() != null;
  }

  /** RFC 6455, section 4.2.1; over HTTP/2 it is an extended CONNECT, RFC 8441, section 4. */
  private static boolean isHandshake(HttpServletRequest request) {
    if ("CONNECT".equals(request.getMethod())) {
      return true;
    }
    if (!"GET".equals(request.getMethod())) {
      return false;
    }
    String upgrade = field(request, "Upgrade");
    return upgrade != null
        && List.of(upgrade.split(",")).stream()
            .anyMatch(token -> token.strip().equalsIgnoreCase("websocket"));
  }

  /** The lines of a field as one value; null when there are none. */
  private static String field(HttpServletRequest request, String name) {
    List<String> lines = Collections.list(request.getHeaders(name));
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  /** HTTP/2 may have an authority in the place of {@code Host}. */
  private static String host(HttpServletRequest request) {
    String host = field(request, "Host");
    return host == null && request.getProtocol().startsWith("HTTP/2")
        ? request.getServerName() + ":" + request.getServerPort()
        : host;
  }

  /**
   * The path that the container routes on, decoded and without path parameters, behind the context
   * path; null when it cannot be known.
   *
   * <p>Frameworks such as Spring MVC and JAX-RS route on the path as it was received. Where the
   * container resolves dot segments or decodes slashes, they would not be routing on this path.
   */
  private static String path(HttpServletRequest request, String contextPath) {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      return pathBeforeError(request);
    }
    if (AMBIGUOUS.matcher(request.getRequestURI()).find()) {
      return null;
    }
    String info = request.getPathInfo();
    return contextPath + request.getServletPath() + (info == null ? "" : info);
  }

  /**
   * The path of a request that failed before the filter saw it. The container tells it as it was
   * received, so it is what was routed on only where there is nothing to decode or to resolve.
   */
  private static String pathBeforeError(HttpServletRequest request) {
    Object uri = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    boolean plain =
        uri instanceof String path
            && !path.contains("%")
            && !path.contains(";")
            && !path.contains("//")
            && !path.contains("/.");
    return plain ? (String) uri : null;
  }

  /** The path of a context, which Jetty has encoded and Tomcat decoded. */
  static String decodeContextPath(String path) {
    return path.contains("%")
        ? URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8)
        : path;
  }
}
