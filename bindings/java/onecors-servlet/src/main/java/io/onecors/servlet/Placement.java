package io.onecors.servlet;

import jakarta.servlet.FilterConfig;
import jakarta.servlet.FilterRegistration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** Looks at the filters of the web application for what would spoil the answers of this one. */
final class Placement {
  private Placement() {}

  /**
   * Logs warnings, and changes nothing. The servlet API does not expose the order of the filters.
   */
  static void check(FilterConfig config) {
    Map<String, ? extends FilterRegistration> filters =
        config.getServletContext().getFilterRegistrations();
    filters.forEach(
        (name, filter) -> {
          if (!name.equals(config.getFilterName()) && doesCors(filter.getClassName())) {
            warn(
                "the filter %s (%s) also handles CORS; remove it, so that only the policy decides",
                name, filter.getClassName());
          }
        });
    FilterRegistration own = filters.get(config.getFilterName());
    if (own != null && !coversEverything(own.getUrlPatternMappings())) {
      warn(
          "the filter %s is mapped to %s; map it to /*, and let the policy's rules select the paths",
          config.getFilterName(), own.getUrlPatternMappings());
    }
  }

  /** Tomcat, Spring and many others call theirs CorsFilter; Jetty has a CrossOriginFilter. */
  private static boolean doesCors(String className) {
    String name = className.substring(className.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return name.contains("cors") || name.contains("crossorigin");
  }

  private static boolean coversEverything(Collection<String> patterns) {
    return patterns.isEmpty() || patterns.contains("/*");
  }

  private static void warn(String text, Object... arguments) {
    CorsFilter.LOGGER.log(
        System.Logger.Level.WARNING, "onecors: " + String.format(text, arguments));
  }
}
