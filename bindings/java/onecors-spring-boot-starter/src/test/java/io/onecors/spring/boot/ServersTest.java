package io.onecors.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.onecors.LivePolicy;
import io.onecors.servlet.CorsFilter;
import io.onecors.spring.boot.Server.Answer;
import io.onecors.spring.boot.Server.Kind;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/** What applications add to their servers, in front of which the policy stays. */
@ExtendWith(OutputCaptureExtension.class)
class ServersTest {
  private static final String APP = "Origin: https://app.example.com";
  private static final String PREFLIGHT = "Access-Control-Request-Method: PUT";

  private static void assertAllowed(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.allowedOrigin()).containsExactly("https://app.example.com");
  }

  /** The policy sees the path as the client does. */
  @ParameterizedTest
  @EnumSource
  void seesTheContextPath(Kind kind) {
    try (Server server =
        Server.start(
            kind,
            Applications.of(kind),
            "server.servlet.context-path=/api",
            "spring.webflux.base-path=/api")) {
      assertAllowed(server.ask("GET", "/api/app/item", APP), 200);
      assertAllowed(server.ask("OPTIONS", "/api/app/item", APP, PREFLIGHT), 204);
      assertThat(server.ask("GET", "/api/plain", APP).allowedOrigin())
          .containsExactly("https://own.example");
      if (kind.isReactive()) {
        assertAllowed(server.ask("GET", "/app/item", APP), 404);
        assertAllowed(server.ask("OPTIONS", "/app/item", APP, PREFLIGHT), 204);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void governsTheActuatorOnThePortOfTheApplication(Kind kind) {
    String below = "management.endpoints.web.base-path=/app/manage";
    try (Server server = Server.start(kind, Applications.of(kind), below)) {
      assertAllowed(server.ask("GET", "/app/manage/health", APP), 200);
    }
    try (Server server =
        Server.start(kind, Applications.of(kind), below, "management.server.port=0")) {
      Answer answer = server.management().ask("GET", "/app/manage/health", APP);
      assertThat(answer.status()).isIn(200, 401);
      assertThat(answer.allowedOrigin()).isEmpty();
      assertAllowed(server.ask("GET", "/app/item", APP), 200);
    }
  }

  static class FirstFilter extends Applications.Bare {
    @Bean
    FilterRegistrationBean<Filter> aFirstFilter() {
      FilterRegistrationBean<Filter> registration =
          new FilterRegistrationBean<>(
              (request, response, chain) -> ((HttpServletResponse) response).setStatus(418));
      registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
      return registration;
    }
  }

  @Test
  void isAheadOfFiltersThatWantToBeFirst(CapturedOutput output) {
    try (Server server =
        Server.start(Kind.MVC_ON_TOMCAT, Server.WITHOUT_SECURITY, FirstFilter.class)) {
      assertAllowed(server.ask("GET", "/app/item", APP), 418);
      assertAllowed(server.ask("OPTIONS", "/app/item", APP, PREFLIGHT), 204);
      assertThat(output).doesNotContain("in front of the CorsFilter");
    }
  }

  static class OwnRegistration extends FirstFilter {
    @Bean
    FilterRegistrationBean<CorsFilter> ownRegistration(LivePolicy policy) {
      return new FilterRegistrationBean<>(new CorsFilter(policy));
    }
  }

  @Test
  void warnsOfFiltersInFrontOfARegistrationOfTheApplication(CapturedOutput output) {
    try (Server server =
        Server.start(Kind.MVC_ON_TOMCAT, Server.WITHOUT_SECURITY, OwnRegistration.class)) {
      assertThat(server.ask("GET", "/app/item", APP).allowedOrigin()).isEmpty();
    }
    assertThat(output)
        .contains("responses of the filters aFirstFilter have no CORS headers")
        .contains("before the CorsFilter ownRegistration; remove that bean");
  }

  static class LateAction extends Applications.Bare {
    @Bean
    WebFilter late() {
      return (exchange, chain) -> {
        exchange
            .getResponse()
            .beforeCommit(
                () -> {
                  exchange.getResponse().getHeaders().add("Access-Control-Allow-Origin", "*");
                  exchange.getResponse().getHeaders().set("Vary", "Cookie");
                  return Mono.empty();
                });
        return chain.filter(exchange);
      };
    }
  }

  static class FailingAction extends Applications.Bare {
    @Bean
    WebFilter failing() {
      return (exchange, chain) -> {
        exchange
            .getResponse()
            .beforeCommit(() -> Mono.error(new IllegalStateException("as the test wants it")));
        return chain.filter(exchange);
      };
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MVC_ON_TOMCAT")
  void comesAfterWhatTheApplicationDoesBeforeTheCommit(Kind kind) {
    try (Server server = Server.start(kind, Server.WITHOUT_SECURITY, LateAction.class)) {
      Answer answer = server.ask("GET", "/app/item", APP);
      assertAllowed(answer, 200);
      assertThat(answer.vary()).containsExactly("Cookie, Origin");
    }
    try (Server server = Server.start(kind, Server.WITHOUT_SECURITY, FailingAction.class)) {
      assertAllowed(server.ask("GET", "/app/item", APP), 500);
    }
  }

  static class ThrowingHandler extends Applications.Bare {
    @Bean
    HttpHandler ownHandler() {
      return (request, response) -> {
        throw new IllegalStateException("as the test wants it");
      };
    }
  }

  static class FailingHandler extends Applications.Bare {
    @Bean
    HttpHandler ownHandler() {
      return (request, response) -> Mono.error(new IllegalStateException("as the test wants it"));
    }
  }

  /** Where nothing of Spring's handles exceptions, the server would answer without the fields. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MVC_ON_TOMCAT")
  void answersForAHandlerThatFails(Kind kind) {
    for (Class<?> application : new Class<?>[] {ThrowingHandler.class, FailingHandler.class}) {
      try (Server server = Server.start(kind, Server.WITHOUT_SECURITY, application)) {
        Answer answer = server.ask("GET", "/app/item", APP);
        assertAllowed(answer, 500);
        assertThat(answer.body()).isEqualTo("Internal Server Error");
      }
    }
  }
}
