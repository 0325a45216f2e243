package io.onecors.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;

/**
 * A request of a servlet container.
 *
 * @param contextPath the path of the web application, decoded
 */
record ServletIncoming(HttpServletRequest request, String contextPath) implements Incoming {
  private static final String ATTRIBUTE = Exchange.class.getName();

  /** What was decided when the request was dispatched before, or else null. */
  Exchange known() {
    return request.getAttribute(ATTRIBUTE) instanceof Exchange known ? known : null;
  }

  /** Keeps what was decided for when the request is dispatched again. */
  void keep(Exchange exchange) {
    request.setAttribute(ATTRIBUTE, exchange);
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String field(String name) {
    Enumeration<String> lines = request.getHeaders(name);
    if (!lines.hasMoreElements()) {
      return null;
    }
    String first = lines.nextElement();
    return lines.hasMoreElements() ? join(first, lines) : first;
  }

  private static String join(String first, Enumeration<String> lines) {
    StringBuilder joined = new StringBuilder(first);
    while (lines.hasMoreElements()) {
      joined.append(", ").append(lines.nextElement());
    }
    return joined.toString();
  }

  /** HTTP/2 may have an authority in the place of {@code Host}. */
  @Override
  public String host() {
    String host = field("Host");
    return host == null && request.getProtocol().startsWith("HTTP/2")
        ? request.getServerName() + ":" + request.getServerPort()
        : host;
  }

  /** The path decoded and without path parameters, behind the context path. */
  @Override
  public String path() {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      return pathBeforeError();
    }
    if (AmbiguousPath.matches(request.getRequestURI())) {
      return null;
    }
    String info = request.getPathInfo();
    return contextPath + request.getServletPath() + (info == null ? "" : info);
  }

  /**
   * The path of a request that failed before the filter saw it. The container tells it as it was
   * received, so it is what was routed on only where there is nothing to decode or to resolve.
   */
  private String pathBeforeError() {
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
