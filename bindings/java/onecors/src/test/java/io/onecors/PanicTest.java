package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * What a bug in the engine would do. The library that the tests load panics at a magic value, as
 * the document or the method of a request.
 */
class PanicTest {
  private static final String MAGIC = "onecors_panic_probe";
  private static final String DOCUMENT = "{\"allow_origins\": [\"https://app.example.com\"]}";
  private static final String ORIGIN = "https://app.example.com";

  /** One that the engine is asked about. */
  private static final String OTHER = "https://other.example.com";

  private static void assertPanics(Executable call) {
    IllegalStateException e = assertThrows(IllegalStateException.class, call);
    assertTrue(
        e.getMessage().startsWith("onecors: the engine panicked (the panic probe was called)"),
        e::getMessage);
  }

  @Test
  void aPanicIsAnExceptionAndThePolicyGoesOn() {
    assertPanics(() -> Policy.fromJson(MAGIC));
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      for (int i = 0; i < 3; i++) {
        assertPanics(() -> policy.decide(MAGIC, "/", OTHER, null, null));
        assertPanics(() -> policy.explain(Request.of(MAGIC, "/").withOrigin(OTHER)));
      }
      assertEquals(Outcome.ACTUAL_ALLOWED, policy.decide("GET", "/", ORIGIN, null, null).outcome());
    }
  }
}
