package com.example.benches;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The least that a filter can do for one policy of exact origins, written by hand: it decides with
 * hash sets, and has every line ready. Its answers, and what it sees to besides, are those of
 * onecors: fields of several lines, handshakes, error pages, asynchronous requests, and what the
 * application sets itself.
 */
final class LimitFilter implements Filter {
  private static final String ATTRIBUTE = LimitFilter.class.getName();

  /** In the place of an origin that is not allowed. */
  private static final String DENIED = "";

  private static final String PREFLIGHT_VARY =
      "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

  private final Set<String> origins;
  private final Set<String> methods;
  private final Set<String> headers;
  private final String exposed;
  private final String allowedMethods;
  private final String allowedHeaders;
  private final String maxAge;

  LimitFilter(Rules rules) {
    origins = new HashSet<>(rules.origins());
    methods = new HashSet<>(rules.methods());
    headers = new HashSet<>(rules.headers());
    exposed = String.join(", ", rules.exposed());
    allowedMethods =
        String.join(", ", rules.methods().subList(Rules.SAFELISTED, rules.methods().size()));
    allowedHeaders = String.join(", ", rules.headers());
    maxAge = Long.toString(rules.maxAge());
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    filter((HttpServletRequest) request, (HttpServletResponse) response, chain);
  }

  private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Object known = request.getAttribute(ATTRIBUTE);
    if (known == null) {
      String origin = field(request, "Origin");
      boolean isAllowed = origin != null && origins.contains(origin);
      if (origin != null && request.getMethod().equals("OPTIONS")) {
        String method = field(request, "Access-Control-Request-Method");
        if (method != null) {
          answer(request, response, isAllowed && methods.contains(method) ? origin : DENIED);
          return;
        }
      }
      if (origin != null && !isAllowed && isHandshake(request)) {
        response.setStatus(HttpServletResponse.SC_FORBIDDEN);
        return;
      }
      known = isAllowed ? origin : DENIED;
      request.setAttribute(ATTRIBUTE, known);
    }
    LimitResponse governed = new LimitResponse(response, (String) known, exposed);
    chain.doFilter(new LimitRequest(request, governed), governed);
  }

  /** Answers a preflight; origin is empty where it is denied. */
  private void answer(HttpServletRequest request, HttpServletResponse response, String origin) {
    boolean isAllowed =
        !origin.isEmpty() && isListed(field(request, "Access-Control-Request-Headers"));
    if (isAllowed) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      response.addHeader("Access-Control-Allow-Origin", origin);
      response.addHeader("Access-Control-Allow-Credentials", "true");
      response.addHeader("Access-Control-Allow-Methods", allowedMethods);
      response.addHeader("Access-Control-Allow-Headers", allowedHeaders);
      response.addHeader("Access-Control-Max-Age", maxAge);
    } else {
      response.setStatus(HttpServletResponse.SC_FORBIDDEN);
      response.setContentLength(0);
    }
    response.addHeader("Vary", PREFLIGHT_VARY);
  }

  private boolean isListed(String names) {
    if (names == null) {
      return true;
    }
    for (String name : names.split(",")) {
      String stripped = name.strip();
      if (!headers.contains(stripped) && !headers.contains(stripped.toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHandshake(HttpServletRequest request) {
    return request.getMethod().equals("GET")
        && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
  }

  private static String field(HttpServletRequest request, String name) {
    Enumeration<String> lines = request.getHeaders(name);
    if (!lines.hasMoreElements()) {
      return null;
    }
    String value = lines.nextElement();
    while (lines.hasMoreElements()) {
      value += ", " + lines.nextElement();
    }
    return value;
  }
}
