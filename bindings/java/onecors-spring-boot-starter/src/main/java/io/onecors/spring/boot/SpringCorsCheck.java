package io.onecors.spring.boot;

import io.onecors.LivePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.ApplicationContext;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.WebApplicationContext;

/**
 * Looks for Spring's own CORS support on the paths that the policy governs, before the application
 * starts to serve. It would refuse what the policy allows, and fail on requests that nobody can
 * answer.
 */
final class SpringCorsCheck implements SmartInitializingSingleton {
  private final LivePolicy policy;
  private final OneCorsProperties.SpringCors reaction;
  private final ApplicationContext context;
  private final boolean servlet;

  private SpringCorsCheck(
      LivePolicy policy,
      OneCorsProperties properties,
      ApplicationContext context,
      boolean servlet) {
    this.policy = policy;
    this.reaction = properties.springCors();
    this.context = context;
    this.servlet = servlet;
  }

  static SpringCorsCheck ofServlet(
      LivePolicy policy, OneCorsProperties properties, WebApplicationContext context) {
    return new SpringCorsCheck(policy, properties, context, true);
  }

  static SpringCorsCheck ofReactive(
      LivePolicy policy, OneCorsProperties properties, ApplicationContext context) {
    return new SpringCorsCheck(policy, properties, context, false);
  }

  @Override
  public void afterSingletonsInstantiated() {
    List<SpringCors> found = servlet ? ofServlet() : ofReactive();
    if (found.isEmpty()) {
      return;
    }
    if (reaction == OneCorsProperties.SpringCors.WARN) {
      found.forEach(
          one ->
              OneCorsAutoConfiguration.LOGGER.log(
                  System.Logger.Level.WARNING,
                  "onecors: "
                      + one.where()
                      + " also handles CORS on paths that the policy governs; "
                      + one.action()));
      return;
    }
    throw new StartupException(
        "Spring's own CORS support is active on paths that the onecors policy governs. It would"
            + " refuse requests that the policy allows:"
            + list(found.stream().map(SpringCors::where).toList()),
        "Let only the policy decide:"
            + list(found.stream().map(SpringCors::action).toList())
            + System.lineSeparator()
            + System.lineSeparator()
            + "If it must stay for paths that the policy does not govern, set"
            + " onecors.spring-cors=warn.",
        null);
  }

  private static String list(List<String> lines) {
    return lines.stream()
        .distinct()
        .map(line -> System.lineSeparator() + "  - " + line)
        .collect(Collectors.joining("", System.lineSeparator(), ""));
  }

  private List<SpringCors> ofServlet() {
    WebApplicationContext web = (WebApplicationContext) context;
    String contextPath =
        web.getServletContext() == null ? "" : web.getServletContext().getContextPath();
    GovernedPaths server = new GovernedPaths(policy.current(), contextPath);
    GovernedPaths application =
        new GovernedPaths(policy.current(), contextPath + property("spring.mvc.servlet.path", ""));
    List<SpringCors> found = new ArrayList<>();
    if (isPresent("org.springframework.web.servlet.DispatcherServlet")) {
      found.addAll(MvcCors.find(context, application));
    }
    found.addAll(ServletCors.find(context, server));
    if (isPresent("org.springframework.security.web.SecurityFilterChain")) {
      found.addAll(SecurityCors.ofServlet(context));
    }
    found.addAll(PropertyCors.find(context, application));
    return found;
  }

  private List<SpringCors> ofReactive() {
    GovernedPaths paths =
        new GovernedPaths(policy.current(), property("spring.webflux.base-path", ""));
    List<SpringCors> found = new ArrayList<>();
    if (isPresent("org.springframework.web.reactive.DispatcherHandler")) {
      found.addAll(WebFluxCors.find(context, paths));
    }
    if (isPresent("org.springframework.security.web.server.SecurityWebFilterChain")) {
      found.addAll(SecurityCors.ofReactive(context));
    }
    found.addAll(PropertyCors.find(context, paths));
    return found;
  }

  private String property(String name, String fallback) {
    return context.getEnvironment().getProperty(name, fallback);
  }

  private boolean isPresent(String className) {
    return ClassUtils.isPresent(className, context.getClassLoader());
  }
}
