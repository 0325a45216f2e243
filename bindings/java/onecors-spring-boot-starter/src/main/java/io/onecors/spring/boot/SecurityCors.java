package io.onecors.spring.boot;

import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ApplicationContext;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.filter.CorsFilter;

/** CORS in the filter chains of Spring Security. What paths they are for, they do not tell. */
final class SecurityCors {
  private SecurityCors() {}

  static List<SpringCors> ofServlet(ApplicationContext context) {
    List<SpringCors> found = new ArrayList<>();
    context
        .getBeansOfType(SecurityFilterChain.class)
        .forEach(
            (name, chain) -> {
              if (chain.getFilters().stream().anyMatch(CorsFilter.class::isInstance)) {
                add(name, found);
              }
            });
    return found;
  }

  static List<SpringCors> ofReactive(ApplicationContext context) {
    List<SpringCors> found = new ArrayList<>();
    context
        .getBeansOfType(SecurityWebFilterChain.class)
        .forEach(
            (name, chain) -> {
              if (chain.getWebFilters().any(CorsWebFilter.class::isInstance).block()) {
                add(name, found);
              }
            });
    return found;
  }

  private static void add(String chain, List<SpringCors> found) {
    found.add(
        new SpringCors(
            "http.cors() in the filter chain " + chain + " of Spring Security",
            "remove cors() from the filter chain "
                + chain
                + ", or write cors(cors -> cors.disable()); preflights never reach it"));
  }
}
