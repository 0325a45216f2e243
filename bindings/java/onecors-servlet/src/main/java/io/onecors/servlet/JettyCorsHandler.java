package io.onecors.servlet;

import io.onecors.DenialLog;
import io.onecors.Policy;
import java.util.List;
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
    Incoming incoming = new JettyIncoming(request);
    Exchange exchange = Exchange.decide(policy.get(), incoming);
    if (!exchange.isGoverned() && !exchange.isRefusedHandshake(incoming)) {
      return super.handle(request, response, callback);
    }
    request.addHttpStreamWrapper(stream -> new JettyStream(stream, exchange));
    exchange.report(denials, incoming);
    OptionalInt status = exchange.status(incoming);
    if (status.isEmpty()) {
      return super.handle(request, response, callback);
    }
    response.setStatus(status.getAsInt());
    // Jetty writes the length of a response that may have a body.
    callback.succeeded();
    return true;
  }

  /** A request of Jetty. */
  private record JettyIncoming(Request request) implements Incoming {
    @Override
    public String method() {
      return request.getMethod();
    }

    /** The path that contexts and servlets are routed on. */
    @Override
    public String path() {
      HttpURI uri = request.getHttpURI();
      return uri.getPath() == null || AmbiguousPath.matches(uri.getPath())
          ? null
          : uri.getDecodedPath();
    }

    @Override
    public String field(String name) {
      List<String> lines = request.getHeaders().getValuesList(name);
      return lines.isEmpty() ? null : String.join(", ", lines);
    }

    @Override
    public String host() {
      String host = field("Host");
      return host == null ? request.getHttpURI().getAuthority() : host;
    }
  }
}
