package io.onecors.spring.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;

/** CORS in the configuration properties of Spring Boot and Spring Cloud Gateway. */
final class PropertyCors {
  private static final List<String> GATEWAYS =
      List.of(
          "spring.cloud.gateway.globalcors.cors-configurations",
          "spring.cloud.gateway.server.webflux.globalcors.cors-configurations");

  private final Environment environment;
  private final GovernedPaths paths;
  private final List<SpringCors> found = new ArrayList<>();

  private PropertyCors(Environment environment, GovernedPaths paths) {
    this.environment = environment;
    this.paths = paths;
  }

  static List<SpringCors> find(ApplicationContext context, GovernedPaths paths) {
    PropertyCors properties = new PropertyCors(context.getEnvironment(), paths);
    properties.actuator();
    properties.graphQl();
    GATEWAYS.forEach(properties::gateway);
    return properties.found;
  }

  /** Endpoints on a port of their own are not behind the policy. */
  private void actuator() {
    Integer port = environment.getProperty("management.server.port", Integer.class);
    int server = environment.getProperty("server.port", Integer.class, 8080);
    if (port == null || port == server && port != 0) {
      String base = environment.getProperty("management.endpoints.web.base-path", "/actuator");
      origins("management.endpoints.web.cors", base + "/**");
    }
  }

  private void graphQl() {
    String path = environment.getProperty("spring.graphql.path", "/graphql");
    origins("spring.graphql.cors", environment.getProperty("spring.graphql.http.path", path));
  }

  private void origins(String prefix, String pattern) {
    for (String name : List.of(".allowed-origins", ".allowed-origin-patterns")) {
      boolean set =
          Binder.get(environment).bind(prefix + name, Bindable.listOf(String.class)).isBound();
      if (set && paths.meets(pattern)) {
        add(prefix + name, pattern);
      }
    }
  }

  private void gateway(String name) {
    Binder.get(environment)
        .bind(name, Bindable.mapOf(String.class, Object.class))
        .orElse(Map.of())
        .keySet()
        .stream()
        .filter(paths::meets)
        .forEach(pattern -> add(name, pattern));
  }

  private void add(String property, String pattern) {
    found.add(
        new SpringCors(
            "the property " + property + ", for " + pattern, "remove the property " + property));
  }
}
