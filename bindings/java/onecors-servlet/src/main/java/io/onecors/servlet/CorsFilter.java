package io.onecors.servlet;

import io.onecors.DenialLog;
import io.onecors.LivePolicy;
import io.onecors.Policy;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Puts a CORS policy in front of a web application.
 *
 * <p>It answers preflights, refuses WebSocket handshakes from origins that the policy does not
 * allow, and gives every other response of a governed path the header fields of the policy, whoever
 * makes it: a servlet, a redirect, or the container's error page. What the application itself sets
 * of {@code Access-Control-Allow-*}, {@code -Expose-Headers} and {@code -Max-Age} there is dropped.
 *
 * <p>It has to be the first filter, be mapped to {@code /*} for the dispatcher types {@code
 * REQUEST}, {@code ASYNC} and {@code ERROR}, and support asynchronous processing. {@link #register}
 * sees to all of that. In {@code web.xml} its init parameter {@code policy} says where the document
 * is: {@code classpath:cors.json}, {@code /WEB-INF/cors.json}, or a file, which is then watched.
 *
 * <p>Denials are logged to the {@link System.Logger} named {@code io.onecors}.
 */
public final class CorsFilter implements Filter {
  static final System.Logger LOGGER = System.getLogger("io.onecors");

  private final DenialLog denials = new DenialLog(LOGGER);
  private Supplier<Policy> policy;

  /** Whether the policy is the same for all requests, from their first dispatch to their last. */
  private final boolean isFixed;

  /** What {@link #init} has loaded and {@link #destroy} has to close. */
  private LivePolicy own;

  private String contextPath = "";

  /** A filter that loads the policy that its init parameter {@code policy} names. */
  public CorsFilter() {
    isFixed = false;
  }

  /**
   * A filter with a policy.
   *
   * @param policy the policy, not to be closed while the filter is in use
   */
  public CorsFilter(Policy policy) {
    Objects.requireNonNull(policy, "policy");
    this.policy = () -> policy;
    isFixed = true;
  }

  /**
   * A filter with a policy that can be replaced.
   *
   * @param policy gives the policy in force and is asked once for each request; usually a {@link
   *     io.onecors.LivePolicy}, which is not closed by the filter
   */
  public CorsFilter(Supplier<Policy> policy) {
    this.policy = Objects.requireNonNull(policy, "policy");
    isFixed = false;
  }

  /**
   * Registers a filter for a policy that stays.
   *
   * @param context the context of the web application, which is being initialised
   * @param policy the policy, not to be closed while the web application runs
   * @return the registration, to be changed further
   * @throws IllegalStateException if the context is initialised already, or has a filter of the
   *     name {@code onecors}
   */
  public static FilterRegistration.Dynamic register(ServletContext context, Policy policy) {
    return register(context, new CorsFilter(policy));
  }

  /**
   * Registers a filter as it has to be: in front of all that are declared, for every path, and on
   * error and asynchronous dispatches too.
   *
   * @param context the context of the web application, which is being initialised
   * @param policy gives the policy in force, such as a {@link io.onecors.LivePolicy}
   * @return the registration, to be changed further
   * @throws IllegalStateException if the context is initialised already, or has a filter of the
   *     name {@code onecors}
   */
  public static FilterRegistration.Dynamic register(
      ServletContext context, Supplier<Policy> policy) {
    return register(context, new CorsFilter(policy));
  }

  private static FilterRegistration.Dynamic register(ServletContext context, CorsFilter filter) {
    FilterRegistration.Dynamic registration = context.addFilter("onecors", filter);
    if (registration == null) {
      throw new IllegalStateException(
          "onecors: the web application already has a filter named onecors; remove one of them");
    }
    registration.setAsyncSupported(true);
    registration.addMappingForUrlPatterns(
        EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR),
        false,
        "/*");
    return registration;
  }

  /**
   * Loads the policy, where none was given, and warns of what else in the web application does
   * CORS.
   *
   * @param config the configuration
   * @throws ServletException if there is no policy, or the document cannot be read
   * @throws io.onecors.PolicyException if the document has problems; it lists all of them
   */
  @Override
  public void init(FilterConfig config) throws ServletException {
    if (policy == null) {
      own = PolicyLocation.load(config);
      policy = own;
    }
    contextPath = ServletIncoming.decodeContextPath(config.getServletContext().getContextPath());
    Placement.check(config);
  }

  /** Stops watching the file of the policy, if the filter began it. */
  @Override
  public void destroy() {
    if (own != null) {
      own.close();
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse httpResponse) {
      filter(http, httpResponse, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    ServletIncoming incoming = new ServletIncoming(request, contextPath);
    Exchange known = incoming.known();
    Exchange exchange = known == null ? Exchange.decide(policy.get(), incoming) : known;
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && (exchange.isGoverned() || exchange.isRefusedHandshake(incoming))) {
      exchange.report(denials, incoming);
      OptionalInt status = exchange.status(incoming);
      if (status.isPresent()) {
        exchange.plan().applyTo(new ResponseFields(response), exchange.view());
        end(response, status.getAsInt());
        return;
      }
    }
    if (known == null && !(isFixed && exchange.isRepeatable())) {
      incoming.keep(exchange);
    }
    if (exchange.isGoverned()) {
      CorsResponse governed = new CorsResponse(response, exchange);
      chain.doFilter(new CorsRequest(request, governed), governed);
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Ends a response here, without a body. */
  private static void end(HttpServletResponse response, int status) {
    response.setStatus(status);
    if (status != HttpServletResponse.SC_NO_CONTENT
        && status != HttpServletResponse.SC_RESET_CONTENT) {
      response.setContentLength(0);
    }
  }
}
