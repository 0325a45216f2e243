package com.example.services;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Spring Security, in front of /app/private. */
@Configuration
@EnableWebFluxSecurity
class WebFluxSecurity {
  @Bean
  SecurityWebFilterChain security(ServerHttpSecurity http) {
    return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
        .addFilterAt(WebFluxSecurity::readToken, SecurityWebFiltersOrder.AUTHENTICATION)
        .authorizeExchange(
            exchanges ->
                exchanges.pathMatchers("/app/private").authenticated().anyExchange().permitAll())
        .exceptionHandling(
            exceptions ->
                exceptions.authenticationEntryPoint(
                    (exchange, exception) -> {
                      exchange.getResponse().setStatusCode(HttpStatus.UNAUTHORIZED);
                      exchange.getResponse().getHeaders().set("WWW-Authenticate", "Bearer");
                      return exchange.getResponse().setComplete();
                    }))
        .build();
  }

  private static Mono<Void> readToken(ServerWebExchange exchange, WebFilterChain chain) {
    String authorization = exchange.getRequest().getHeaders().getFirst("Authorization");
    return "Bearer token".equals(authorization)
        ? chain
            .filter(exchange)
            .contextWrite(
                ReactiveSecurityContextHolder.withAuthentication(
                    UsernamePasswordAuthenticationToken.authenticated("user", null, List.of())))
        : chain.filter(exchange);
  }
}
