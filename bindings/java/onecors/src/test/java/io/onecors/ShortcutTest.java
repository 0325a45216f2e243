package io.onecors;

import static io.onecors.Vectors.decoded;
import static io.onecors.Vectors.list;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is decided without a call to the engine, and what is not asked, against the engine. */
class ShortcutTest {
  private static final String DOCUMENT =
      "{\"allow_origins\": [\"https://app.example.com\", \"https://*.example.org\"]}";

  @Test
  void everyVectorIsDecidedAsTheEngineDoes() {
    int found = 0;
    for (Path file : Vectors.files("decisions")) {
      for (JsonNode group : list(Vectors.read(file).get("groups"), false)) {
        try (Policy policy = Policy.fromJson(group.get("policy").toString())) {
          for (JsonNode each : list(group.get("cases"), false)) {
            found += compare(policy, each.get("request"));
          }
        }
      }
    }
    assertTrue(found > 50, "decided without a call: " + found);
  }

  /** Also by the exact origins of each policy, which few vectors have. */
  private static int compare(Policy policy, JsonNode fields) {
    Request request = Vectors.request(fields);
    assertSame(ask(policy, request), policy.decide(request));
    Set<String> origins = policy.shortcut == null ? Set.of() : policy.shortcut.origins();
    for (String origin : origins) {
      Request other = request.withOrigin(origin);
      assertSame(ask(policy, other), policy.decide(other));
    }
    return policy.shortcut != null
            && policy.shortcut.find(request.method(), request.origin()) != null
        ? 1
        : 0;
  }

  private static Verdict ask(Policy policy, Request request) {
    return policy.ask(
        request.method(),
        request.path(),
        request.origin(),
        request.accessControlRequestMethod(),
        request.accessControlRequestHeaders());
  }

  @Test
  void itKnowsExactOriginsAlone() {
    try (Policy policy = Policy.fromJson(DOCUMENT)) {
      assertFalse(policy.dependsOnPath());
      assertEquals(Set.of("https://app.example.com"), policy.shortcut.origins());
      assertNotNull(policy.shortcut.find("GET", "https://app.example.com"));
      assertNotNull(policy.shortcut.find(null, null));
      assertNull(policy.shortcut.find("OPTIONS", "https://app.example.com"));
      assertNull(policy.shortcut.find("GET", "https://a.example.org"));
      assertNull(policy.shortcut.find("GET", "https://app.example.com "));
      assertNull(policy.shortcut.find("GET", "https://app.example.c\u016fm"));
    }
  }

  @Test
  void thereIsNoneWherePathsCount() {
    try (Policy policy =
        Policy.fromJson("{\"rules\": [{\"paths\": [\"/*\"], \"allow_origins\": [\"*\"]}]}")) {
      assertTrue(policy.dependsOnPath());
      assertNull(policy.shortcut);
    }
  }

  @Test
  void itHoldsNoMoreOriginsThanItMay() {
    for (int count : new int[] {Shortcut.MOST_ORIGINS, Shortcut.MOST_ORIGINS + 1}) {
      String origins =
          IntStream.range(0, count)
              .mapToObj(number -> "\"https://app-" + number + ".example.com\"")
              .collect(joining(","));
      try (Policy policy = Policy.fromJson("{\"allow_origins\": [" + origins + "]}")) {
        int held = policy.shortcut.origins().size();
        assertEquals(count == Shortcut.MOST_ORIGINS ? count : 0, held);
        String last = "https://app-" + (count - 1) + ".example.com";
        assertEquals(Outcome.ACTUAL_ALLOWED, policy.decide("GET", "/", last, null, null).outcome());
        assertEquals(Outcome.NOT_CORS, policy.decide("GET", "/", null, null, null).outcome());
      }
    }
  }

  @Test
  void aClosedPolicyDecidesNothingEitherWay() {
    Policy policy = Policy.fromJson(DOCUMENT);
    policy.close();
    assertThrows(IllegalStateException.class, () -> policy.decide("GET", "/", null, null, null));
    assertThrows(
        IllegalStateException.class,
        () -> policy.decide("GET", "/", "https://app.example.com", null, null));
  }

  /**
   * So the filter for servlets asks about a handshake only where the request was denied, or where
   * the path may be read in several ways.
   */
  @Test
  void noHandshakeIsRefusedWhereTheRequestIsNot() {
    for (Path file : Vectors.files("decisions")) {
      for (JsonNode group : list(Vectors.read(file).get("groups"), false)) {
        try (Policy policy = Policy.fromJson(group.get("policy").toString())) {
          for (JsonNode each : list(group.get("cases"), false)) {
            JsonNode fields = each.get("request");
            String path = decoded(fields.get("path"));
            String origin = decoded(fields.get("origin"));
            Outcome outcome = policy.decide("GET", path, origin, null, null).outcome();
            boolean isAllowed = outcome == Outcome.ACTUAL_ALLOWED && !policy.dependsOnPath();
            if (outcome == Outcome.NOT_CORS || isAllowed) {
              assertTrue(policy.checkOrigin(path, origin, null), fields::toString);
            }
          }
        }
      }
    }
  }
}
