package io.onecors.servlet;

import jakarta.servlet.FilterConfig;
import jakarta.servlet.FilterRegistration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** Looks at the filters of the web application for what would spoil the answers of this one. */
final class Placement {
  private Placement() {}

  /** Warns, and changes nothing. The order of the filters is not to be seen from here. */
  static void check(FilterConfig config) {
    Map<String, ? extends FilterRegistration> filters =
        config.getServletContext().getFilterRegistrations();
    filters.forEach(
        (name, filter) -> {
          if (!name.equals(config.getFilterName()) && doesCors(filter.getClassName())) {
            warn(
                "the filter %s (%s) does CORS as well; remove it, so that one policy decides",
                name, filter.getClassName());
          }
        });
    FilterRegistration own = filters.get(config.getFilterName());
    if (own != null && !coversEverything(own.getUrlPatternMappings())) {
      warn(
          "the filter %s is mapped to %s; map it to /*, and let the policy say which paths it governs",
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
