package io.onecors.spring.boot;

import io.onecors.LivePolicy;
import io.onecors.Policy;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.io.ResourceLoader;

/**
 * Finds the policy of a web application: a {@link LivePolicy} or {@link Policy} bean of its own, or
 * else what {@code onecors.policy} names.
 */
@AutoConfiguration
@ConditionalOnWebApplication
@ConditionalOnProperty(
    prefix = "onecors",
    name = "enabled",
    havingValue = "true",
    matchIfMissing = true)
@EnableConfigurationProperties(OneCorsProperties.class)
public class OneCorsAutoConfiguration {
  static final System.Logger LOGGER = System.getLogger("io.onecors");

  /** Configures nothing yet. */
  OneCorsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean({Policy.class, LivePolicy.class})
  @ConditionalOnProperty("onecors.policy")
  LivePolicy oneCorsPolicy(OneCorsProperties properties, ResourceLoader resources) {
    return PolicyLocation.load(properties, resources);
  }

  @Bean
  @ConditionalOnBean(Policy.class)
  @ConditionalOnMissingBean(LivePolicy.class)
  LivePolicy oneCorsLivePolicy(Policy policy) {
    return new LivePolicy(policy);
  }

  // Not lazy: it is made for what it logs.
  @Bean
  @Lazy(false)
  @ConditionalOnMissingBean(LivePolicy.class)
  NoPolicy oneCorsNoPolicy() {
    return new NoPolicy();
  }

  /** Says that the starter does nothing. */
  static final class NoPolicy {
    NoPolicy() {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "onecors: onecors.policy is not set and there is no Policy bean, so this"
              + " application has no CORS policy; set onecors.policy=classpath:cors.json, or"
              + " onecors.enabled=false");
    }
  }
}
