package io.onecors.spring.boot;

import io.onecors.servlet.CorsFilter;
import jakarta.servlet.Filter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.web.servlet.AbstractFilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;

/**
 * Warns of filters that can answer a request before the policy does. The registration of the
 * starter is ahead of all others, so this is for applications that register the filter themselves.
 */
final class FilterOrderCheck implements SmartInitializingSingleton {
  /** They change requests or watch over them, and answer none. */
  private static final Set<String> HARMLESS =
      Set.of(
          "CharacterEncodingFilter",
          "ForwardedHeaderFilter",
          "FormContentFilter",
          "HiddenHttpMethodFilter",
          "RequestContextFilter",
          "ServerHttpObservationFilter");

  private final ApplicationContext context;

  FilterOrderCheck(ApplicationContext context) {
    this.context = context;
  }

  @Override
  public void afterSingletonsInstantiated() {
    List<String> before = new ArrayList<>();
    for (Placed placed : inOrder()) {
      if (placed.filter() instanceof CorsFilter) {
        warn(placed.name(), before);
        return;
      }
      if (!isHarmless(placed.filter().getClass())) {
        before.add(placed.name());
      }
    }
  }

  /** The filters as Spring Boot orders them: registrations first where the order is the same. */
  private List<Placed> inOrder() {
    List<Placed> all = new ArrayList<>();
    Set<Filter> registered = new HashSet<>();
    context
        .getBeansOfType(AbstractFilterRegistrationBean.class)
        .forEach(
            (name, registration) -> {
              registered.add(registration.getFilter());
              if (registration.isEnabled()) {
                all.add(new Placed(name, registration, registration.getFilter()));
              }
            });
    context
        .getBeansOfType(Filter.class)
        .forEach(
            (name, filter) -> {
              if (!registered.contains(filter)) {
                all.add(new Placed(name, filter, filter));
              }
            });
    all.sort((a, b) -> AnnotationAwareOrderComparator.INSTANCE.compare(a.bean(), b.bean()));
    return all;
  }

  private static boolean isHarmless(Class<?> type) {
    return type != null
        && (HARMLESS.contains(type.getSimpleName()) || isHarmless(type.getSuperclass()));
  }

  private static void warn(String own, List<String> before) {
    if (!before.isEmpty()) {
      OneCorsAutoConfiguration.LOGGER.log(
          System.Logger.Level.WARNING,
          "onecors: responses of the filters "
              + String.join(", ", before)
              + " have no CORS headers, because these filters run before the CorsFilter "
              + own
              + "; remove that bean, so that the starter registers a filter that runs first");
    }
  }

  /** A filter, and the bean that has its order. */
  private record Placed(String name, Object bean, Filter filter) {}
}
