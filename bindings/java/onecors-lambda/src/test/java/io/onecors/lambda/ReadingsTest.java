package io.onecors.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onecors.DenialLog;
import io.onecors.Policy;
import io.onecors.Request;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that one rule governs for some readers, and another for others. */
class ReadingsTest {
  private final Policy rules =
      Policy.fromJson(
          """
          {"rules": [
            {"paths": ["/app/*"], "allow_origins": ["https://app.example.com"]},
            {"paths": ["/*"], "allow_origins": ["*"]}
          ]}
          """);
  private final Policy single = Policy.fromJson("{\"allow_origins\": [\"*\"]}");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%61pp/item",
        "/%61%70p/item",
        "//app/item",
        "/a//../app//item",
        "/app;a=b/item",
        "/app%3Ba/item",
        "/%61pp;a/item",
        "/%2Fapp/item",
        "\\\\app/item",
        "/\\app/item",
        "/%5Capp/item",
      })
  void haveSeveralRules(String path) {
    // The engine knows most of them by itself.
    assertTrue(decide(path).isEmpty());
    assertFalse(Readings.areAmbiguous(single, path), "a single rule is the same for all");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/app/item",
        "/app/a%20b",
        "/app/%",
        "/app/%zz/%6",
        "/app//item;a=b",
        "/app/\u00e4/%C3%A4/%FF",
        "/caf%C3%A9;a//b",
        "/",
        "",
      })
  void haveOneRule(String path) {
    assertFalse(Readings.areAmbiguous(rules, path));
    assertEquals(path.startsWith("/"), decide(path).isPresent());
  }

  private Optional<Decision> decide(String path) {
    DenialLog denials = new DenialLog(System.getLogger("io.onecors"));
    return Decision.make(rules, Request.of("GET", path), null, denials);
  }
}
