package io.onecors.servlet;

import io.onecors.DenialLog;
import io.onecors.Policy;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Puts a CORS policy in front of everything that a Jetty 12 serves, in the place of a {@link
 * CorsFilter}: {@code server.insertHandler(new JettyCorsHandler(policy))}.
 *
 * <p>It also covers what no filter sees: the authentication of the container, its error pages with
 * their {@code Vary}, its WebSocket upgrades wherever they are configured, and handlers that are no
 * web applications. A web application needs Jetty's own classes for it, so it is for who sets up
 * the server.
 *
 * <p>Denials are logged to the {@link System.Logger} named {@code io.onecors}.
 */
public final class JettyCorsHandler extends Handler.Wrapper {
  private final DenialLog denials = new DenialLog(System.getLogger("io.onecors"));
  private final Supplier<Policy> policy;

  /**
   * A handler with a policy.
   *
   * @param policy the policy, not to be closed while the handler is in use
   */
  public JettyCorsHandler(Policy policy) {
    this(() -> policy);
    Objects.requireNonNull(policy, "policy");
  }

  /**
   * A handler with a policy that can be replaced.
   *
   * @param policy gives the policy in force and is asked once for each request; usually a {@link
   *     io.onecors.LivePolicy}, which is not closed by the handler
   */
  public JettyCorsHandler(Supplier<Policy> policy) {
    this.policy = Objects.requireNonNull(policy, "policy");
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Exchange exchange = decide(request);
    if (!exchange.isGoverned()) {
      return super.handle(request, response, callback);
    }
    request.addHttpStreamWrapper(stream -> new JettyStream(stream, exchange));
    denials.report(exchange.policy(), exchange.verdict(), exchange.view(), exchange.host());
    OptionalInt status = exchange.status();
    if (status.isEmpty()) {
      return super.handle(request, response, callback);
    }
    response.setStatus(status.getAsInt());
    // Jetty writes the length of a response that may have a body.
    callback.succeeded();
    return true;
  }

  private Exchange decide(Request request) {
    io.onecors.Request view =
        new io.onecors.Request(
            request.getMethod(),
            path(request.getHttpURI()),
            field(request, "Origin"),
            field(request, "Access-Control-Request-Method"),
            field(request, "Access-Control-Request-Headers"));
    String host = field(request, "Host");
    return Exchange.decide(
        policy.get(),
        view,
        host == null ? request.getHttpURI().getAuthority() : host,
        field(request, "Upgrade"));
  }

  /** The path that contexts and servlets are routed on; null when it cannot be known. */
  private static String path(HttpURI uri) {
    return uri.getPath() == null || Exchange.isAmbiguous(uri.getPath())
        ? null
        : uri.getDecodedPath();
  }

  private static String field(Request request, String name) {
    return Exchange.join(request.getHeaders().getValuesList(name));
  }
}
