package io.onecors.servlet;

import io.onecors.DenialLog;
import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What was decided on a request, once for its whole life.
 *
 * @param policy the policy that decided
 * @param view the request as the policy saw it
 * @param verdict the verdict
 */
record Exchange(Policy policy, Request view, Verdict verdict) {
  private static final int FORBIDDEN = 403;

  private static final String[] FIELDS = {
    "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"
  };

  /** For a path that is not known, and so may be any rule's: what grants nothing. */
  private static final Plan NOTHING = new Plan(OptionalInt.empty(), List.of(), List.of("Origin"));

  /** Decides on a request, and reads of it what the policy looks at. */
  static Exchange decide(Policy policy, Incoming request) {
    String method = request.method();
    String path = policy.dependsOnPath() ? request.path() : null;
    String[] fields = fields(request, method);
    Request view = new Request(method, path, fields[0], fields[1], fields[2]);
    return new Exchange(policy, view, policy.decide(view));
  }

  /**
   * The values of the fields that say what is asked. Reading a field is a lot of code of the
   * server's, and is called in one place here so that the just-in-time compiler has room for the
   * rest.
   */
  private static String[] fields(Incoming request, String method) {
    String[] values = new String[FIELDS.length];
    for (int i = 0; i < FIELDS.length; i++) {
      values[i] = request.field(FIELDS[i]);
      if (values[0] == null || !"OPTIONS".equals(method)) {
        break; // No preflight, so the others tell nothing.
      }
    }
    return values;
  }

  /**
   * Whether the same policy decides the same when it is asked again, where the request is
   * dispatched to an error page for instance: then its path and even its method are others.
   */
  boolean isRepeatable() {
    return !policy.dependsOnPath()
        && (verdict.outcome() == Outcome.NOT_CORS || verdict.outcome() == Outcome.ACTUAL_ALLOWED);
  }

  /** Logs a denial, unless it was logged before. */
  void report(DenialLog denials, Incoming request) {
    if (denials.isNew(policy, verdict, view)) {
      denials.report(policy, verdict, view, request.host());
    }
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
    return verdict.outcome() == Outcome.UNGOVERNED && view.path() == null;
  }

  /** The status of a response that ends here, before the application. */
  OptionalInt status(Incoming request) {
    if (isUnknown() && isPreflight() || isRefusedHandshake(request)) {
      return OptionalInt.of(FORBIDDEN);
    }
    return verdict.plan().status();
  }

  /**
   * Whether this is a page's handshake that ends here. One may that the rule of the path allows, or
   * that no rule governs, since another reading of the path may have another rule.
   */
  boolean isRefusedHandshake(Incoming request) {
    boolean isAllowed = verdict.outcome() == Outcome.ACTUAL_ALLOWED && !policy.dependsOnPath();
    if (view.origin() == null || isAllowed || !isHandshake(request)) {
      return false;
    }
    return isUnknown() || !policy.checkOrigin(view.path(), view.origin(), request.host());
  }

  /** RFC 6455, section 4.2.1; over HTTP/2 it is an extended CONNECT, RFC 8441, section 4. */
  private boolean isHandshake(Incoming request) {
    if ("CONNECT".equals(view.method())) {
      return true;
    }
    String upgrade = "GET".equals(view.method()) ? request.field("Upgrade") : null;
    return upgrade != null
        && Stream.of(upgrade.split(","))
            .anyMatch(token -> token.strip().equalsIgnoreCase("websocket"));
  }

  private boolean isPreflight() {
    return "OPTIONS".equals(view.method())
        && view.origin() != null
        && view.accessControlRequestMethod() != null;
  }
}
