package com.example.benches;

import io.onecors.Policy;
import io.onecors.servlet.CorsFilter;
import jakarta.servlet.Filter;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.catalina.core.StandardContext;

/**
 * Loads Tomcat, makes one filter or none with a policy of ten origins, and ends: {@code SUBJECT}.
 */
final class Startup {
  private static final List<String> ORIGINS =
      IntStream.range(0, 10).mapToObj(n -> "https://app-" + n + ".example.com").toList();

  private Startup() {}

  public static void main(String[] arguments) throws Exception {
    StandardContext context = new StandardContext();
    context.setPath("");
    Filter filter = filter(arguments[0]);
    if (filter == null && !arguments[0].equals("nothing")) {
      throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static Filter filter(String subject) throws Exception {
    Rules rules =
        new Rules(
            ORIGINS, false, List.of("GET", "PUT"), List.of("content-type"), List.of(), true, 600);
    return switch (subject) {
      case "onecors" ->
          new CorsFilter(
              Policy.builder()
                  .allowOrigins(ORIGINS.toArray(String[]::new))
                  .allowMethods("PUT")
                  .allowHeaders("content-type")
                  .allowCredentials(true)
                  .build());
      case "tomcat" -> Subject.tomcat(rules, null);
      case "spring" -> Subject.spring(rules);
      default -> null;
    };
  }
}
