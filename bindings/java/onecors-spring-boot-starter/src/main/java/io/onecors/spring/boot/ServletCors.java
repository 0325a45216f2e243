package io.onecors.spring.boot;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** CORS in the filters of a servlet application, and in what Spring Security makes a filter of. */
final class ServletCors {
  private ServletCors() {}

  static List<SpringCors> find(ApplicationContext context, GovernedPaths paths) {
    List<SpringCors> found = new ArrayList<>();
    context
        .getBeansOfType(CorsFilter.class)
        .keySet()
        .forEach(name -> add(name, "a CorsFilter of Spring", found));
    context
        .getBeansOfType(FilterRegistrationBean.class)
        .forEach(
            (name, registration) -> {
              if (registration.isEnabled() && registration.getFilter() instanceof CorsFilter) {
                add(name, "which registers a CorsFilter of Spring", found);
              }
            });
    context
        .getBeansOfType(CorsConfigurationSource.class)
        .forEach(
            (name, source) -> {
              if (!isOfMvc(source) && meets(source, paths)) {
                add(name, "a CorsConfigurationSource", found);
              }
            });
    return found;
  }

  private static void add(String bean, String kind, List<SpringCors> found) {
    found.add(new SpringCors("the bean " + bean + ", " + kind, "remove the bean " + bean));
  }

  /** Spring MVC's own bean tells what its mappings and annotations say, which are looked at. */
  private static boolean isOfMvc(CorsConfigurationSource source) {
    return source.getClass().getName().startsWith("org.springframework.web.servlet.");
  }

  private static boolean meets(CorsConfigurationSource source, GovernedPaths paths) {
    return !(source instanceof UrlBasedCorsConfigurationSource patterns)
        || patterns.getCorsConfigurations().keySet().stream().anyMatch(paths::meets);
  }
}
