package io.onecors.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.onecors.LivePolicy;
import io.onecors.Policy;
import io.onecors.PolicyException;
import io.onecors.spring.boot.Server.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

/** Where the policy comes from, and what is said where it comes from nowhere. */
@ExtendWith(OutputCaptureExtension.class)
class StartupTest {
  private static final String EVIL = "Origin: https://evil.example";
  private static final String ANYONE = "{\"allow_origins\":[\"*\"]}";
  private static final String NOBODY = "{\"allow_origins\":[\"https://nobody.example\"]}";

  private static void assertFails(Kind kind, String... properties) {
    assertThatThrownBy(() -> Server.start(kind, Applications.of(kind), properties).close())
        .isInstanceOf(Exception.class);
  }

  private static void assertAnyoneIsAllowed(Server server) {
    assertThat(server.ask("GET", "/plain", EVIL).allowedOrigin()).containsExactly("*");
  }

  @ParameterizedTest
  @EnumSource
  void takesADocumentInTheConfiguration(Kind kind) {
    try (Server server =
        Server.start(kind, Applications.of(kind), "onecors.policy= " + ANYONE + "\n")) {
      assertAnyoneIsAllowed(server);
    }
  }

  @ParameterizedTest
  @EnumSource
  void watchesAFile(Kind kind, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("cors.json"), NOBODY);
    try (Server server =
        Server.start(
            kind,
            Applications.of(kind),
            "onecors.policy=file:" + file,
            "onecors.watch=true",
            // Everything else may be made when it is asked for.
            "spring.main.lazy-initialization=true")) {
      assertThat(server.ask("GET", "/app/item", EVIL).allowedOrigin()).isEmpty();

      Path next = Files.writeString(folder.resolve("next.json"), ANYONE);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);

      eventually(() -> !server.ask("GET", "/app/item", EVIL).allowedOrigin().isEmpty());
    }
  }

  private static void eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** Such as one that a service reads from its database. */
  static class PolicyBean extends Applications.Bare {
    @Bean
    Policy policy() {
      return Policy.fromJson(ANYONE);
    }
  }

  static class LivePolicyBean extends Applications.Bare {
    @Bean
    LivePolicy policy() {
      return new LivePolicy(Policy.fromJson(ANYONE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesABeanInstead(Kind kind) {
    for (Class<?> application : new Class<?>[] {PolicyBean.class, LivePolicyBean.class}) {
      try (Server server =
          Server.start(
              kind, Server.WITHOUT_SECURITY, application, "onecors.policy=classpath:none.json")) {
        assertThat(server.ask("GET", "/open/item", EVIL).allowedOrigin()).containsExactly("*");
        server.context().getBean(LivePolicy.class).replace(NOBODY);
        assertThat(server.ask("GET", "/open/item", EVIL).allowedOrigin()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void doesNothingWhereItIsDisabled(Kind kind, CapturedOutput output) {
    try (Server server = Server.start(kind, Applications.of(kind), "onecors.enabled=false")) {
      assertThat(server.ask("GET", "/open/item", EVIL).allowedOrigin()).isEmpty();
      assertThat(output).doesNotContain("onecors:");
    }
  }

  @ParameterizedTest
  @EnumSource
  void saysThatThereIsNoPolicy(Kind kind, CapturedOutput output) {
    try (Server server =
        Server.startWithoutPolicy(
            kind, Applications.of(kind), "spring.main.lazy-initialization=true")) {
      assertThat(server.ask("GET", "/open/item", EVIL).allowedOrigin()).isEmpty();
      assertThat(output).contains("WARN").contains("onecors.policy is not set");
    }
  }

  /**
   * PR spring-projects/spring-framework#25016 refused such a policy only with the first request.
   */
  @ParameterizedTest
  @EnumSource
  void tellsEveryProblemOfTheDocument(Kind kind, CapturedOutput output) {
    assertFails(kind, "onecors.policy=classpath:bad.json", "spring.main.lazy-initialization=true");

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("The policy document classpath:bad.json has 3 problems")
        .contains("at /allow_origins/0 (trailing_slash)")
        .contains("at /allow_origins/1 (missing_scheme)")
        .contains("at /allow_credential (unknown_key)")
        .contains("write instead: https://app.example.com")
        .contains("A document with problems is never loaded.");
  }

  static class BadPolicyBean extends Applications.Bare {
    @Bean
    Policy policy() {
      return Policy.fromJson("{\"allow_origins\":[\"https://a.example/\"],\"max_age\":-1}");
    }
  }

  @Test
  void tellsEveryProblemOfABean(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                Server.start(Kind.MVC_ON_TOMCAT, Server.WITHOUT_SECURITY, BadPolicyBean.class)
                    .close())
        .isInstanceOf(Exception.class);

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("A policy document of the application has 2 problems")
        .contains("/allow_origins/0")
        .contains("/max_age");
  }

  static class ForgingPolicyBean extends Applications.Bare {
    @Bean
    Policy policy() {
      return Policy.fromJson("{\"x\\u001b[31m\\nall is well\":1}");
    }
  }

  @Test
  void showsADocumentEscaped(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                Server.start(Kind.MVC_ON_TOMCAT, Server.WITHOUT_SECURITY, ForgingPolicyBean.class)
                    .close())
        .isInstanceOf(Exception.class);

    assertThat(output)
        .contains("at \"/x\\u{1b}[31m\\u{a}all is well\" (unknown_key)")
        .doesNotContain("\u001b[31m\nall is well");
  }

  @Test
  void countsTheProblemsThatAreNotListed() {
    String entries = String.join(",", Collections.nCopies(1_500, "\"x\""));
    PolicyException problems =
        catchThrowableOfType(
            PolicyException.class, () -> Policy.fromJson("{\"allow_origins\":[" + entries + "]}"));

    assertThat(problems.problems()).hasSize(1_000);
    assertThat(problems.omitted()).isEqualTo(500);
    assertThat(problems).hasMessageEndingWith("... and 500 more");
    assertThat(StartupException.of("The document", problems))
        .hasMessageStartingWith("The document has 1500 problems")
        .hasMessageEndingWith("... and 500 more");
  }

  @Test
  void saysWhatIsWrongWithALocation(CapturedOutput output, @TempDir Path folder) {
    Kind kind = Kind.MVC_ON_TOMCAT;
    assertFails(kind, "onecors.policy=classpath:none.json");
    assertThat(output).contains("onecors.policy is classpath:none.json, which does not exist");

    assertFails(kind, "onecors.policy=file:" + folder.resolve("none.json"));
    assertThat(output).contains("none.json, which does not exist");

    assertFails(kind, "onecors.policy=file:" + folder);
    assertThat(output).contains("which cannot be read");

    assertFails(kind, "onecors.policy=cors.json");
    assertThat(output).contains("which begins with none of classpath:, file: and {");

    assertFails(kind, "onecors.policy=");
    assertThat(output).contains("onecors.policy is \"\"");

    assertFails(kind, "onecors.watch=true");
    assertThat(output).contains("onecors.watch is true, but onecors.policy is not a file");
  }
}
