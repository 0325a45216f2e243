package io.onecors.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onecors.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Reads the events of AWS's own packages. */
class EventTest {
  /** Where {@code make -C tests/aws setup} puts them. */
  private static final Path FIXTURES = Path.of("../../../.cache/aws-events");

  @TestFactory
  Stream<DynamicTest> everyFixtureIsReadAsWhatItIs() {
    JsonNode events = Corpus.read(Corpus.FOLDER.resolve("events.json"));
    assertTrue(!events.isEmpty(), "no events");
    return events.properties().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> run(each)));
  }

  private static void run(Map.Entry<String, JsonNode> each) throws IOException {
    Path file = FIXTURES.resolve(each.getKey());
    JsonNode expected = each.getValue();
    Event event = Event.read(Files.readAllBytes(file)).orElse(null);
    Optional<Kind> kind = event == null ? Optional.empty() : event.kind();
    String found = kind.map(is -> is.name().toLowerCase(Locale.ROOT)).orElse("unknown");
    String wanted = expected.get("kind").asText();
    // Lambda@Edge runs no Java.
    assertEquals(wanted.startsWith("edge_") ? "unknown" : wanted, found);
    if (kind.isEmpty()) {
      return;
    }
    Request request = event.request(kind.get(), "");
    assertEquals(expected.get("method").asText(), request.method());
    assertEquals(expected.get("path").asText(), request.path());
    for (Map.Entry<String, JsonNode> header : expected.get("headers").properties()) {
      assertEquals(
          header.getValue().textValue(),
          asOrigin(Corpus.read(file), header.getKey()).request(kind.get(), "").origin(),
          header.getKey());
    }
  }

  /**
   * The event as it would be if a header field of it were {@code Origin}: no other is looked at.
   */
  private static Event asOrigin(JsonNode event, String name) throws IOException {
    for (String member : List.of("headers", "multiValueHeaders")) {
      if (event.get(member) instanceof ObjectNode map) {
        map.remove("origin");
        for (String spelling : map.properties().stream().map(Map.Entry::getKey).toList()) {
          if (spelling.equalsIgnoreCase(name)) {
            map.set("Origin", map.remove(spelling));
          }
        }
      }
    }
    return Event.read(Corpus.MAPPER.writeValueAsBytes(event)).orElseThrow();
  }
}
