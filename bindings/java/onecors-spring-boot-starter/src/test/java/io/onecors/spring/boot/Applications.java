package io.onecors.spring.boot;

import static org.springframework.security.config.Customizer.withDefaults;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

/** What the tests start. Spring Security is in front of /app/private, and nowhere else. */
final class Applications {
  private Applications() {}

  static Class<?> of(Server.Kind kind) {
    return kind.isReactive() ? WebFlux.class : Mvc.class;
  }

  /** An application of either kind, without more. */
  @EnableAutoConfiguration
  @Import(Routes.class)
  static class Bare {}

  @EnableAutoConfiguration
  @Import(Routes.class)
  static class Mvc {
    @Bean
    SecurityFilterChain chain(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(
              requests ->
                  requests.requestMatchers("/app/private").authenticated().anyRequest().permitAll())
          .httpBasic(withDefaults())
          .csrf(AbstractHttpConfigurer::disable)
          .build();
    }
  }

  @EnableAutoConfiguration
  @Import(Routes.class)
  static class WebFlux {
    @Bean
    SecurityWebFilterChain chain(ServerHttpSecurity http) {
      return http.authorizeExchange(
              exchanges ->
                  exchanges.pathMatchers("/app/private").authenticated().anyExchange().permitAll())
          .httpBasic(withDefaults())
          .csrf(CsrfSpec::disable)
          .build();
    }
  }
}
