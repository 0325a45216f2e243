package io.onecors.spring.boot;

import io.onecors.LivePolicy;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Puts the policy in front of a reactive application: around its {@link HttpHandler}, so outside
 * every {@code WebFilter}, the handling of exceptions, and the base path.
 */
@AutoConfiguration(after = OneCorsAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnProperty(
    prefix = "onecors",
    name = "enabled",
    havingValue = "true",
    matchIfMissing = true)
@ConditionalOnBean(LivePolicy.class)
public class OneCorsReactiveAutoConfiguration {
  /** Configures nothing yet. */
  OneCorsReactiveAutoConfiguration() {}

  // Static and with a provider, so that no other bean is made before its post-processors are.
  @Bean
  static BeanPostProcessor oneCorsHttpHandlerPostProcessor(ObjectProvider<LivePolicy> policy) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof HttpHandler handler
            ? new CorsHttpHandler(policy.getObject(), handler)
            : bean;
      }
    };
  }

  // Not lazy: it is made for what it finds.
  @Bean
  @Lazy(false)
  SpringCorsCheck oneCorsSpringCorsCheck(
      LivePolicy policy, OneCorsProperties properties, ApplicationContext context) {
    return SpringCorsCheck.ofReactive(policy, properties, context);
  }
}
