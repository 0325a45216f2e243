package io.onecors.spring.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;
import org.springframework.web.cors.reactive.CorsConfigurationSource;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.reactive.config.CorsRegistration;
import org.springframework.web.reactive.config.CorsRegistry;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.RequestMappingInfo;
import org.springframework.web.reactive.result.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** CORS in the filters and handler mappings of Spring WebFlux. */
final class WebFluxCors {
  private WebFluxCors() {}

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
                    .forEach(info -> paths.addRoutes(patterns(info))));
    List<SpringCors> found = new ArrayList<>();
    mappings.values().forEach(mapping -> annotations(mapping, paths, found));
    configurers(context, paths, found);
    context
        .getBeansOfType(CorsWebFilter.class)
        .forEach(
            (name, filter) ->
                found.add(
                    new SpringCors(
                        "the bean " + name + ", a CorsWebFilter", "remove the bean " + name)));
    context
        .getBeansOfType(CorsConfigurationSource.class)
        .forEach(
            (name, source) ->
                found.add(
                    new SpringCors(
                        "the bean " + name + ", a CorsConfigurationSource",
                        "remove the bean " + name)));
    return found;
  }

  private static List<String> patterns(RequestMappingInfo info) {
    return info.getPatternsCondition().getPatterns().stream()
        .map(PathPattern::getPatternString)
        .toList();
  }

  private static void annotations(
      RequestMappingInfoHandlerMapping mapping, GovernedPaths paths, List<SpringCors> found) {
    mapping
        .getHandlerMethods()
        .forEach(
            (info, handler) -> {
              if (patterns(info).stream().anyMatch(paths::meets)) {
                Annotations.crossOrigin(handler, String.join(", ", patterns(info)), found);
              }
            });
  }

  /** The mappings of WebFlux do not show their configuration, so each configurer is asked. */
  private static void configurers(
      ApplicationContext context, GovernedPaths paths, List<SpringCors> found) {
    for (WebFluxConfigurer configurer : context.getBeansOfType(WebFluxConfigurer.class).values()) {
      List<String> patterns = new ArrayList<>();
      configurer.addCorsMappings(
          new CorsRegistry() {
            @Override
            public CorsRegistration addMapping(String pattern) {
              patterns.add(pattern);
              return super.addMapping(pattern);
            }
          });
      String type = ClassUtils.getUserClass(configurer).getName();
      for (String pattern : patterns) {
        if (paths.meets(pattern)) {
          found.add(
              new SpringCors(
                  "addCorsMappings of " + type + " maps " + pattern,
                  "remove the mapping of " + pattern + " from addCorsMappings of " + type));
        }
      }
    }
  }
}
