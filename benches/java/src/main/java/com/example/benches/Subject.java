package com.example.benches;

import io.onecors.Policy;
import io.onecors.servlet.CorsFilter;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;

/** Makes the filters that are measured, all of the same policy. */
final class Subject {
  private Subject() {}

  static Filter onecors(Path document, ServletContext context)
      throws IOException, ServletException {
    CorsFilter filter = new CorsFilter(Policy.fromFile(document));
    filter.init(new Config("onecors", Map.of(), context));
    return filter;
  }

  /** Tomcat's filter, which has exact origins alone. */
  static Filter tomcat(Rules rules, ServletContext context) throws ServletException {
    Filter filter = new org.apache.catalina.filters.CorsFilter();
    filter.init(new Config("tomcat", tomcatParameters(rules), context));
    return filter;
  }

  static Map<String, String> tomcatParameters(Rules rules) {
    return Map.of(
        "cors.allowed.origins", String.join(",", rules.origins()),
        "cors.allowed.methods", String.join(",", rules.methods()) + ",OPTIONS",
        "cors.allowed.headers", String.join(",", rules.headers()),
        "cors.exposed.headers", String.join(",", rules.exposed()),
        "cors.support.credentials", Boolean.toString(rules.credentials()),
        "cors.preflight.maxage", Long.toString(rules.maxAge()));
  }

  /** Spring's filter, which has exact origins, and patterns with wildcards. */
  static Filter spring(Rules rules) {
    CorsConfiguration configuration = new CorsConfiguration();
    if (rules.hasWildcards()) {
      configuration.setAllowedOriginPatterns(rules.origins());
    } else {
      configuration.setAllowedOrigins(rules.origins());
    }
    configuration.setAllowedMethods(rules.methods());
    configuration.setAllowedHeaders(rules.headers());
    configuration.setExposedHeaders(rules.exposed());
    configuration.setAllowCredentials(rules.credentials());
    configuration.setMaxAge(rules.maxAge());
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/**", configuration);
    return new org.springframework.web.filter.CorsFilter(source);
  }

  /** What a container tells a filter when it starts. */
  private record Config(
      String getFilterName, Map<String, String> parameters, ServletContext getServletContext)
      implements FilterConfig {
    @Override
    public String getInitParameter(String name) {
      return parameters.get(name);
    }

    @Override
    public Enumeration<String> getInitParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }
  }
}
