package io.onecors.servlet;

import io.onecors.Policy;
import io.onecors.Request;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.function.Supplier;

/** Reads the requests of a servlet container. */
final class ServletRequests {
  private static final String ATTRIBUTE = Exchange.class.getName();

  private ServletRequests() {}

  /** What was decided when the request was dispatched before, or else is decided now. */
  static Exchange exchange(
      HttpServletRequest request, String contextPath, Supplier<Policy> policy) {
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
    Exchange exchange =
        Exchange.decide(policy.get(), view, host(request), field(request, "Upgrade"));
    request.setAttribute(ATTRIBUTE, exchange);
    return exchange;
  }

  private static String field(HttpServletRequest request, String name) {
    return Exchange.join(Collections.list(request.getHeaders(name)));
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
   */
  private static String path(HttpServletRequest request, String contextPath) {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      return pathBeforeError(request);
    }
    if (Exchange.isAmbiguous(request.getRequestURI())) {
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
