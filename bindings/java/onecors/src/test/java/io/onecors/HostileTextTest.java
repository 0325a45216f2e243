package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that a careless boundary folds, cuts or chokes on. */
class HostileTextTest {
  private static final String ORIGIN = "https://app.example.com";

  private static final Policy POLICY =
      Policy.fromJson(
          """
          {
            "rules": [
              {
                "paths": ["/a", "/\\uFFFD"],
                "allow_origins": ["https://app.example.com"],
                "allow_methods": ["PUT"],
                "allow_headers": ["x-ok"]
              }
            ]
          }
          """);

  @AfterAll
  static void close() {
    POLICY.close();
  }

  private static Optional<Reason> preflight(String method, String headers) {
    return POLICY.decide("OPTIONS", "/a", ORIGIN, method, headers).reason();
  }

  @Test
  void theOriginItselfIsAllowed() {
    assertEquals(Outcome.ACTUAL_ALLOWED, POLICY.decide("GET", "/a", ORIGIN, null, null).outcome());
    assertEquals(Optional.empty(), preflight("PUT", "x-ok"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Characters whose low byte is that of the ASCII letter they replace.
        "https://app.example.c\u016fm",
        "https://\u4161pp.example.com",
        "\u0168ttps://app.example.com",
        // Embedded NUL, in the modified UTF-8 of JNI two bytes.
        "https://app.example.com\0",
        "https://app.example.com\0.evil.example",
        "\0https://app.example.com",
        // Surrogates: a lone high one, a lone low one, a swapped pair, a pair.
        "https://app.example.com\ud800",
        "\udc00https://app.example.com",
        "https://app\udc00\ud800.example.com",
        "https://app.example.com\ud83d\ude00",
        "\ud800",
      })
  void anOriginWithAStrayCharacterIsMalformed(String origin) {
    Verdict verdict = POLICY.decide("GET", "/a", origin, null, null);
    assertEquals(Outcome.ACTUAL_DENIED, verdict.outcome());
    assertEquals(Optional.of(Reason.MALFORMED_ORIGIN), verdict.reason());
  }

  @Test
  void theOtherFieldsAreNotFoldedEither() {
    assertEquals(Optional.of(Reason.METHOD_NOT_ALLOWED), preflight("PUS", "x-ok"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_METHOD), preflight("PU\u0154", "x-ok"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_METHOD), preflight("PUT\0", "x-ok"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_METHOD), preflight("PUT\ud800", "x-ok"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_HEADERS), preflight("PUT", "x-\u016fk"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_HEADERS), preflight("PUT", "x-ok\0"));
    assertEquals(Optional.of(Reason.MALFORMED_REQUEST_HEADERS), preflight("PUT", "x-ok,\udfff"));
    assertEquals(Outcome.UNGOVERNED, POLICY.decide("GET", "/\u0161", ORIGIN, null, null).outcome());
    assertEquals(Outcome.UNGOVERNED, POLICY.decide("GET", "/a\0", ORIGIN, null, null).outcome());
  }

  @Test
  void aLoneSurrogateIsTheReplacementCharacter() {
    assertEquals(
        Outcome.ACTUAL_ALLOWED, POLICY.decide("GET", "/\ud800", ORIGIN, null, null).outcome());
    assertEquals(Outcome.UNGOVERNED, POLICY.decide("GET", "/?", ORIGIN, null, null).outcome());
    String document = "{\"allow_origins\": [\"https://\ud800.example.com\"]}";
    PolicyException e = assertThrows(PolicyException.class, () -> Policy.fromJson(document));
    assertEquals("non_ascii_origin", e.problems().get(0).code());
  }

  @Test
  void anExplanationCanBeLogged() {
    String story =
        POLICY.explain(
            Request.of("GET\n\u001b[31m", "/a\r\n").withOrigin("https://x\0\ud800\u2028"));
    assertTrue(story.startsWith("{"), story);
    assertTrue(story.chars().noneMatch(Character::isISOControl), story);
    assertFalse(story.contains("\ud800"), story);
  }

  /** Around the size at which the native half goes over from its stack to the heap. */
  @Test
  void nothingIsCutOffAtTheEndOfABuffer() {
    int fixed = "OPTIONS/aPUTx-ok,x-evil".length() + ORIGIN.length();
    for (int total = 1000; total < 1050; total++) {
      String spaces = " ".repeat(total - fixed);
      assertEquals(
          Optional.of(Reason.HEADER_NOT_ALLOWED), preflight("PUT", "x-ok," + spaces + "x-evil"));
      assertEquals(Optional.empty(), preflight("PUT", "x-ok," + spaces + "  x-ok"));
    }
  }

  @Test
  void hugeFieldsAreDenied() {
    String huge = "a".repeat(10_000_000);
    assertEquals(Optional.of(Reason.TOO_MANY_HEADERS), preflight("PUT", huge));
    assertEquals(Optional.of(Reason.METHOD_NOT_ALLOWED), preflight(huge, "x-ok"));
    assertEquals(
        Optional.of(Reason.MALFORMED_ORIGIN),
        POLICY.decide("GET", "/a", "https://" + huge + ".example.com", null, null).reason());
    assertEquals(
        Outcome.UNGOVERNED, POLICY.decide("GET", "/" + huge, ORIGIN, null, null).outcome());
    assertEquals(Outcome.ACTUAL_ALLOWED, POLICY.decide(huge, "/a", ORIGIN, null, null).outcome());
    assertTrue(POLICY.explain(Request.of(huge, huge).withOrigin(huge)).length() < 100_000);
  }
}
