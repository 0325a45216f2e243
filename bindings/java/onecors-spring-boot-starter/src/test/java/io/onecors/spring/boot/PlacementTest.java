package io.onecors.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.onecors.spring.boot.Server.Answer;
import io.onecors.spring.boot.Server.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The policy is in front of everything, and its fields are on every response. */
class PlacementTest {
  private static final String APP = "Origin: https://app.example.com";
  private static final String EVIL = "Origin: https://evil.example";

  // All run until the end: the first of Netty's that is closed closes the event loops of all.
  private static final Map<Kind, Server> SERVERS = new EnumMap<>(Kind.class);
  private static final Map<Kind, Server> BARE_SERVERS = new EnumMap<>(Kind.class);

  private static Server on(Kind kind) {
    return SERVERS.computeIfAbsent(kind, any -> Server.start(kind, Applications.of(kind)));
  }

  private static Server withoutSecurity(Kind kind) {
    return BARE_SERVERS.computeIfAbsent(
        kind, any -> Server.start(kind, Server.WITHOUT_SECURITY, Applications.Bare.class));
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(Server::close);
    BARE_SERVERS.values().forEach(Server::close);
  }

  private static void assertAllowed(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.allowedOrigin()).containsExactly("https://app.example.com");
    assertThat(answer.field("Access-Control-Allow-Credentials")).containsExactly("true");
    assertThat(answer.field("Access-Control-Expose-Headers")).containsExactly("etag");
    assertThat(answer.vary()).anyMatch(line -> line.toLowerCase().contains("origin"));
  }

  /** spring-projects/spring-security#4448, spring-projects/spring-boot#5834. */
  @ParameterizedTest
  @EnumSource
  void answersPreflightsInFrontOfSpringSecurity(Kind kind) {
    Answer answer =
        on(kind)
            .ask(
                "OPTIONS",
                "/app/private",
                APP,
                "Access-Control-Request-Method: PUT",
                "Access-Control-Request-Headers: authorization");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.allowedOrigin()).containsExactly("https://app.example.com");
    assertThat(answer.field("Access-Control-Allow-Methods")).containsExactly("PUT");
    assertThat(answer.field("Access-Control-Allow-Headers")).containsExactly("authorization");
    assertThat(answer.field("Content-Length")).isEmpty();
    assertThat(answer.field("WWW-Authenticate")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void deniesPreflightsWithoutABody(Kind kind) {
    Answer answer =
        on(kind).ask("OPTIONS", "/app/item", EVIL, "Access-Control-Request-Method: PUT");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.allowedOrigin()).isEmpty();
    assertThat(answer.field("Content-Length")).containsExactly("0");
    assertThat(answer.vary())
        .containsExactly("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    assertThat(answer.body()).isEmpty();
  }

  /** spring-projects/spring-security#4448: the page can read that it has to log in. */
  @ParameterizedTest
  @EnumSource
  void coversWhatSpringSecurityRefuses(Kind kind) {
    Answer answer = on(kind).ask("GET", "/app/private", APP);

    assertAllowed(answer, 401);
    assertThat(answer.field("WWW-Authenticate")).isNotEmpty();
    assertAllowed(on(kind).ask("OPTIONS", "/app/private", APP), 401);
  }

  @ParameterizedTest
  @EnumSource
  void coversWhatTheFrameworkAnswers(Kind kind) {
    assertAllowed(on(kind).ask("GET", "/app/item", APP), 200);
    assertAllowed(on(kind).ask("HEAD", "/app/item", APP), 200);
    assertAllowed(on(kind).ask("GET", "/app/missing", APP), 404);
    assertAllowed(on(kind).ask("DELETE", "/app/item", APP), 405);
    assertAllowed(on(kind).ask("GET", "/app/status", APP), 409);
    assertAllowed(on(kind).ask("GET", "/app/throw", APP), 500);
  }

  @ParameterizedTest
  @EnumSource
  void coversWhatIsAnsweredLater(Kind kind) {
    assertAllowed(on(kind).ask("GET", "/app/async", APP), 200);
    assertAllowed(on(kind).ask("GET", "/app/async-throw", APP), 500);
  }

  @ParameterizedTest
  @EnumSource
  void letsPlainOptionsThrough(Kind kind) {
    Answer answer = on(kind).ask("OPTIONS", "/app/item", APP);

    assertAllowed(answer, 204);
    assertThat(answer.field("X-Handler")).containsExactly("options");
  }

  /** spring-cloud/spring-cloud-gateway#728: one value, whatever the application sets. */
  @ParameterizedTest
  @EnumSource
  void ownsItsFields(Kind kind) {
    Answer answer = on(kind).ask("GET", "/app/own", APP);

    assertAllowed(answer, 200);
    assertThat(answer.field("Access-Control-Max-Age")).isEmpty();
    assertThat(answer.field("Set-Cookie")).containsExactly("a=1", "b=2");
    // Spring MVC itself merges what a handler sets with what is there.
    assertThat(String.join(", ", answer.vary()))
        .isEqualToIgnoringCase("Accept-Encoding, Cookie, Origin");

    Answer denied = on(kind).ask("GET", "/app/own", EVIL);
    assertThat(denied.status()).isEqualTo(200);
    assertThat(denied.lines()).noneMatch(line -> line.toLowerCase().startsWith("access-control-"));
  }

  @ParameterizedTest
  @EnumSource
  void leavesWhatIsUngovernedAlone(Kind kind) {
    Answer answer = on(kind).ask("GET", "/plain", APP);

    assertThat(answer.allowedOrigin()).containsExactly("https://own.example");
    assertThat(answer.vary()).noneMatch(line -> line.contains("Origin"));
  }

  /** spring-projects/spring-boot#10965: behind a proxy with TLS, Spring refused such requests. */
  @ParameterizedTest
  @EnumSource
  void refusesNoRequestOfTheSameOrigin(Kind kind) {
    assertThat(on(kind).ask("POST", "/app/form", "Origin: https://api.example.com").body())
        .contains("form");
    assertThat(on(kind).ask("POST", "/app/form", EVIL).body()).contains("form");
  }

  /** A rule is chosen by the path that Spring routes on, or none is. */
  @ParameterizedTest
  @EnumSource
  void choosesTheRuleOfTheHandler(Kind kind) {
    assertThatDisguisesAreSeenThrough(on(kind));
    // Spring Security refuses most disguises, and not every application has it.
    assertThatDisguisesAreSeenThrough(withoutSecurity(kind));
  }

  private static void assertThatDisguisesAreSeenThrough(Server server) {
    for (String target :
        List.of(
            "/%61pp/item",
            "/app;x=1/item",
            "/open%2Fitem",
            "/open/../app/item",
            "/open/..;/app/item",
            "/app/below/../../open/item",
            "/app/below/..;/..;/open/item",
            "/app/below/%2e%2e/%2e%2e/open/item",
            "/app/below/..%2f..%2fopen/item",
            "//app/item",
            "/./app/item")) {
      Answer answer = server.ask("GET", target, EVIL);
      if (List.of("item", "below").contains(answer.body())) {
        assertThat(answer.allowedOrigin()).as(target).isEmpty();
      }
    }
    assertThat(server.ask("GET", "/%6fpen/item", EVIL).allowedOrigin()).containsExactly("*");
  }

  @ParameterizedTest
  @EnumSource
  void refusesHandshakes(Kind kind) {
    String[] handshake = {
      EVIL,
      "Upgrade: foo, WebSocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13"
    };
    assertThat(on(kind).ask("GET", "/app/item", handshake).status()).isEqualTo(403);
    for (String target :
        List.of("/app/x/..;/..;/plain", "/plain/..;/app/item", "/app/x%2f..%2f..%2fplain")) {
      // A server may refuse it with 400 itself.
      assertThat(withoutSecurity(kind).ask("GET", target, handshake).status())
          .as(target)
          .isIn(400, 403);
    }
    handshake[0] = "Origin: https://api.example.com";
    assertThat(on(kind).ask("GET", "/app/item", handshake).status()).isNotEqualTo(403);
    handshake[0] = APP;
    assertThat(on(kind).ask("GET", "/app/item", handshake).status()).isNotEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource
  void survivesHostileOrigins(Kind kind) {
    for (String origin :
        List.of("", "\u00ff\u0080", "https://app.example.com, https://app.example.com", "null")) {
      Answer answer = on(kind).ask("GET", "/app/item", "Origin: " + origin);
      assertThat(answer.allowedOrigin()).isEmpty();
    }
    Answer twice = on(kind).ask("GET", "/app/item", APP, APP);
    assertThat(twice.allowedOrigin()).isEmpty();
  }
}
