package io.onecors.spring.boot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** CORS in the handler mappings of Spring MVC. */
final class MvcCors {
  private MvcCors() {}

  static List<SpringCors> find(ApplicationContext context, GovernedPaths paths) {
    Map<String, RequestMappingInfoHandlerMapping> mappings =
        context.getBeansOfType(RequestMappingInfoHandlerMapping.class);
    mappings
        .values()
        .forEach(
            mapping ->
                mapping
                    .getHandlerMethods()
                    .keySet()
                    .forEach(info -> paths.addRoutes(info.getPatternValues())));
    List<SpringCors> found = new ArrayList<>();
    mappings.values().forEach(mapping -> annotations(mapping, paths, found));
    mappings(context, paths, found);
    return found;
  }

  private static void annotations(
      RequestMappingInfoHandlerMapping mapping, GovernedPaths paths, List<SpringCors> found) {
    mapping
        .getHandlerMethods()
        .forEach(
            (RequestMappingInfo info, HandlerMethod handler) -> {
              if (info.getPatternValues().stream().anyMatch(paths::meets)) {
                Annotations.crossOrigin(handler, String.join(", ", info.getPatternValues()), found);
              }
            });
  }

  /** Every mapping has the same global configuration, which addCorsMappings makes. */
  private static void mappings(
      ApplicationContext context, GovernedPaths paths, List<SpringCors> found) {
    Set<String> patterns = new TreeSet<>();
    for (AbstractHandlerMapping mapping :
        context.getBeansOfType(AbstractHandlerMapping.class).values()) {
      if (mapping.getCorsConfigurationSource() instanceof UrlBasedCorsConfigurationSource source) {
        patterns.addAll(source.getCorsConfigurations().keySet());
      }
    }
    String where = configurers(context);
    for (String pattern : patterns) {
      if (paths.meets(pattern)) {
        found.add(
            new SpringCors(
                "addCorsMappings" + where + " maps " + pattern,
                "remove the mapping of " + pattern + " from addCorsMappings" + where));
      }
    }
  }

  /** The configurers that override addCorsMappings. */
  private static String configurers(ApplicationContext context) {
    Set<String> names = new TreeSet<>();
    for (WebMvcConfigurer configurer : context.getBeansOfType(WebMvcConfigurer.class).values()) {
      Class<?> type = ClassUtils.getUserClass(configurer);
      boolean overridden =
          Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
              .anyMatch(
                  method ->
                      method.getName().equals("addCorsMappings")
                          && method.getDeclaringClass() != WebMvcConfigurer.class);
      if (overridden) {
        names.add(type.getName());
      }
    }
    return names.isEmpty() ? "" : " of " + String.join(", ", names);
  }
}
