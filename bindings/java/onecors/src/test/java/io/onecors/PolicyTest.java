package io.onecors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTest {
  private static final String DOCUMENT =
      """
      {
        "allow_origins": ["https://app.example.com"],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
        "allow_headers": ["x-token"]
      }
      """;

  private static final Request GET =
      Request.of("GET", "/orders/17").withOrigin("https://app.example.com");

  private static final Request PREFLIGHT =
      Request.of("OPTIONS", "/orders/17")
          .withOrigin("https://app.example.com")
          .withAccessControlRequestMethod("PUT")
          .withAccessControlRequestHeaders("x-token");

  @Test
  void anAllowedActualRequestIsAnsweredByTheApplication() {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      Verdict verdict = policy.decide(GET);
      assertEquals(Outcome.ACTUAL_ALLOWED, verdict.outcome());
      assertEquals(Optional.empty(), verdict.reason());
      assertEquals(OptionalInt.empty(), verdict.plan().status());
      assertEquals(
          List.of(
              "Access-Control-Allow-Origin: https://app.example.com",
              "Access-Control-Allow-Credentials: true",
              "Vary: Origin"),
          verdict.plan().lines(GET).stream().map(Plan.Line::toString).toList());
    }
  }

  @Test
  void aPreflightIsAnsweredByThePlan() {
    try (Policy policy = Policy.fromJson(DOCUMENT.getBytes(UTF_8))) {
      assertEquals(Outcome.PREFLIGHT_ALLOWED, policy.decide(PREFLIGHT).outcome());
      assertEquals(OptionalInt.of(204), policy.decide(PREFLIGHT).plan().status());

      Verdict denied = policy.decide(PREFLIGHT.withAccessControlRequestHeaders("x-token,x-evil"));
      assertEquals(Outcome.PREFLIGHT_DENIED, denied.outcome());
      assertEquals(Optional.of(Reason.HEADER_NOT_ALLOWED), denied.reason());
      assertEquals(OptionalInt.of(403), denied.plan().status());
    }
  }

  @Test
  void absentAndEmptyDiffer() {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      assertEquals(Outcome.NOT_CORS, policy.decide(GET.withOrigin(null)).outcome());
      assertEquals(
          Optional.of(Reason.MALFORMED_ORIGIN), policy.decide(GET.withOrigin("")).reason());
      assertEquals(
          Outcome.ACTUAL_ALLOWED,
          policy.decide(PREFLIGHT.withAccessControlRequestMethod(null)).outcome());
      assertEquals(
          Optional.of(Reason.MALFORMED_REQUEST_METHOD),
          policy.decide(PREFLIGHT.withAccessControlRequestMethod("")).reason());
      assertEquals(Outcome.NOT_CORS, policy.decide(null, null, null, null, null).outcome());
    }
  }

  @Test
  void theSameVerdictIsTheSameObject() {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      assertSame(policy.decide(GET), policy.decide("POST", "/", GET.origin(), null, null));
      assertNotEquals(policy.decide(GET), policy.decide(PREFLIGHT));
      assertTrue(policy.plans().contains(policy.decide(GET).plan()));
      assertThrows(UnsupportedOperationException.class, () -> policy.plans().clear());
    }
  }

  @Test
  void anExplanationTellsTheSameVerdictUnderTheDocumentedKeys() throws IOException {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      JsonNode story =
          new JsonMapper().readTree(policy.explain(GET.withOrigin("https://app.example.com:1")));
      assertEquals("actual_denied", story.get("outcome").asText());
      assertEquals("origin_not_allowed", story.get("reason").asText());
      assertKeys(
          story,
          "outcome reason summary rule origin_pattern checks nearest_miss status headers browser_message"
              + " advice");
      assertKeys(story.get("rule"), "name pointer path_pattern");
      assertKeys(story.get("checks").get(0), "check passed expected received");
      assertKeys(
          story.get("nearest_miss"), "pattern pointer difference difference_code covered_origin");
      story = new JsonMapper().readTree(policy.explain(GET));
      assertKeys(story.get("origin_pattern"), "pattern pointer");
    }
  }

  private static void assertKeys(JsonNode object, String keys) {
    assertEquals(
        List.of(keys.split(" ")), object.properties().stream().map(Map.Entry::getKey).toList());
  }

  @Test
  void aHandshakeIsJudgedByItsPathOriginAndHost() {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      assertTrue(policy.checkOrigin("/", "https://app.example.com", null));
      assertTrue(policy.checkOrigin("/", null, null));
      assertTrue(policy.checkOrigin(null, "https://a.example", "A.example:443"));
      assertFalse(policy.checkOrigin("/", "https://evil.example", "a.example"));
      assertFalse(policy.checkOrigin("/", "https://evil.example", null));
      assertFalse(policy.checkOrigin("/", "", ""));
      assertFalse(policy.checkOrigin("/", "\uD800", "\uD800"));
      // The engine panics at this.
      assertFalse(policy.checkOrigin("onecors_panic_probe", null, null));
    }
  }

  @Test
  void anExceptionHasEveryProblemAndTheEnginesText() {
    String document = "{\"allow_origins\": [\"https://app.example.com/\"], \"max_age\": -1}";
    PolicyException e = assertThrows(PolicyException.class, () -> Policy.fromJson(document));
    assertEquals(
        List.of("trailing_slash /allow_origins/0", "max_age_out_of_bounds /max_age"),
        e.problems().stream().map(p -> p.code() + " " + p.pointer()).toList());
    assertEquals(
        Optional.of(true),
        e.problems().get(0).help().map(h -> h.contains("https://app.example.com")));
    StringBuilder text = new StringBuilder("the policy document has 2 problems");
    for (Problem problem : e.problems()) {
      text.append("\n  " + problem.pointer() + ": " + problem.message());
      text.append(" [" + problem.code() + "]");
      problem.help().ifPresent(help -> text.append("\n    help: " + help));
    }
    assertEquals(text.toString(), e.getMessage());
  }

  @Test
  void aFileIsReadAndNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("policy.json");
    Files.writeString(file, DOCUMENT);
    try (Policy policy = Policy.fromFile(file)) {
      assertEquals(Outcome.ACTUAL_ALLOWED, policy.decide(GET).outcome());
    }
    Files.writeString(file, "{}");
    PolicyException e = assertThrows(PolicyException.class, () -> Policy.fromFile(file));
    assertTrue(
        e.getMessage().startsWith(file + ": the policy document has 1 problem\n"), e::getMessage);
  }

  @Test
  void aFileThatCannotBeReadIsAnIoExceptionThatNamesIt(@TempDir Path folder) {
    Path missing = folder.resolve("missing.json");
    NoSuchFileException none =
        assertThrows(NoSuchFileException.class, () -> Policy.fromFile(missing));
    assertEquals(missing.toString(), none.getFile());
    FileSystemException directory =
        assertThrows(FileSystemException.class, () -> Policy.fromFile(folder));
    assertEquals(folder.toString(), directory.getFile());
  }

  @Test
  void badFilesAreProblemsWithThePath(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("policy.json");
    Files.write(file, new byte[] {'{', (byte) 0xFF, '}'});
    assertEquals("invalid_json", onlyProblem(file));
    Files.writeString(file, "\uFEFF" + DOCUMENT);
    assertEquals("invalid_json", onlyProblem(file));
    Files.writeString(file, "[".repeat(10_000) + "]".repeat(10_000));
    assertEquals("invalid_json", onlyProblem(file));
    Files.writeString(file, "{\"allow_origins\": [\"*\"], \"allow_origins\": [\"*\"]}");
    assertEquals("repeated_key", onlyProblem(file));
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] spaces = " ".repeat(1 << 20).getBytes(UTF_8);
      for (int i = 0; i < 100; i++) {
        out.write(spaces);
      }
    }
    assertEquals("document_too_large", onlyProblem(file));
  }

  private static String onlyProblem(Path file) {
    PolicyException e = assertThrows(PolicyException.class, () -> Policy.fromFile(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e::getMessage);
    assertEquals(1, e.problems().size(), e::getMessage);
    return e.problems().get(0).code();
  }

  @Test
  void aClosedPolicyDecidesNothing() {
    Policy policy = Policy.fromJson(DOCUMENT);
    Verdict before = policy.decide(GET);
    policy.close();
    policy.close();
    assertThrows(IllegalStateException.class, () -> policy.decide(GET));
    assertThrows(IllegalStateException.class, () -> policy.explain(GET));
    assertThrows(IllegalStateException.class, () -> policy.checkOrigin("/", null, null));
    assertTrue(policy.plans().contains(before.plan()));
  }

  @Test
  void aPolicyThatIsForgottenIsFreed() throws InterruptedException {
    Handle handle = Policy.fromJson(DOCUMENT).handle;
    assertThrows(
        IllegalStateException.class,
        () -> {
          for (int i = 0; i < 500; i++) {
            handle.leave(handle.enter());
            System.gc();
            Thread.sleep(10);
          }
        });
  }

  @Test
  void versionsAreTheSameOnBothSides() throws IOException {
    String version = Utf8.decode(Policy.class.getResourceAsStream("version.txt").readAllBytes());
    assertEquals(version.strip(), OneCors.version());
  }
}
