package com.example.lantern;

import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Puts a policy in front of the application, outside every other filter. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class Cors extends OncePerRequestFilter {
  private final Policy policy;

  Cors(Policy policy) {
    this.policy = policy;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Request view =
        new Request(
            request.getMethod(),
            request.getServletPath(),
            field(request, "Origin"),
            field(request, "Access-Control-Request-Method"),
            field(request, "Access-Control-Request-Headers"));
    Plan plan = policy.decide(view).plan();
    for (Plan.Line line : plan.lines(view)) {
      response.setHeader(line.name(), line.value());
    }
    if (plan.status().isPresent()) {
      response.setStatus(plan.status().getAsInt());
    } else {
      chain.doFilter(request, response);
    }
  }

  /** The value of a header, its lines joined; null when there is no line. */
  private static String field(HttpServletRequest request, String name) {
    List<String> lines = Collections.list(request.getHeaders(name));
    return lines.isEmpty() ? null : String.join(", ", lines);
  }
}
