package io.onecors.spring.boot;

import io.onecors.LivePolicy;
import io.onecors.servlet.CorsFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.web.context.WebApplicationContext;

/**
 * Puts the policy in front of a servlet application: ahead of all other filters, so also of Spring
 * Security's, and on error and asynchronous dispatches too.
 *
 * <p>An application that registers a {@link CorsFilter} itself keeps its own, and is warned of what
 * is in front of that.
 */
@AutoConfiguration(after = OneCorsAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(
    prefix = "onecors",
    name = "enabled",
    havingValue = "true",
    matchIfMissing = true)
@ConditionalOnBean(LivePolicy.class)
public class OneCorsServletAutoConfiguration {
  /** Configures nothing yet. */
  OneCorsServletAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(
      value = CorsFilter.class,
      parameterizedContainer = FilterRegistrationBean.class)
  FilterRegistrationBean<CorsFilter> oneCorsFilter(LivePolicy policy) {
    return new Outermost(new CorsFilter(policy));
  }

  // Not lazy: it is made for what it finds.
  @Bean
  @Lazy(false)
  SpringCorsCheck oneCorsSpringCorsCheck(
      LivePolicy policy, OneCorsProperties properties, WebApplicationContext context) {
    return SpringCorsCheck.ofServlet(policy, properties, context);
  }

  @Bean
  @Lazy(false)
  FilterOrderCheck oneCorsFilterOrderCheck(WebApplicationContext context) {
    return new FilterOrderCheck(context);
  }

  /** The first of all filters, also of those that have the highest precedence as well. */
  static final class Outermost extends FilterRegistrationBean<CorsFilter>
      implements PriorityOrdered {
    Outermost(CorsFilter filter) {
      super(filter);
      setName("onecors");
      setOrder(Ordered.HIGHEST_PRECEDENCE);
      setDispatcherTypes(
          EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
    }
  }
}
