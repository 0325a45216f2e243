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

  /** Those that events.json does not name are of no HTTP request. */
  @TestFactory
  Stream<DynamicTest> everyFixtureIsReadAsWhatItIs() throws IOException {
    JsonNode events = Corpus.read(Corpus.FOLDER.resolve("events.json"));
    List<Path> files;
    try (Stream<Path> found = Files.walk(FIXTURES)) {
      files = found.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    List<String> names = files.stream().map(file -> FIXTURES.relativize(file).toString()).toList();
    for (Map.Entry<String, JsonNode> each : events.properties()) {
      assertTrue(names.contains(each.getKey()), () -> "there is no " + each.getKey());
    }
    return files.stream().map(file -> test(file, events));
  }

  private static DynamicTest test(Path file, JsonNode events) {
    String name = FIXTURES.relativize(file).toString();
    return DynamicTest.dynamicTest(
        name,
        () -> {
          if (events.has(name)) {
            assertRequest(events.get(name), file);
          } else {
            assertEquals("unknown", kind(Event.read(Files.readAllBytes(file))));
          }
        });
  }

  private static String kind(Optional<Event> event) {
    return event
        .flatMap(Event::kind)
        .map(is -> is.name().toLowerCase(Locale.ROOT))
        .orElse("unknown");
  }

  private static void assertRequest(JsonNode expected, Path file) throws IOException {
    Optional<Event> event = Event.read(Files.readAllBytes(file));
    String kind = expected.get("kind").asText();
    if (kind.startsWith("edge_")) {
      assertEquals("unknown", kind(event), "Lambda@Edge runs no Java");
      return;
    }
    assertEquals(kind, kind(event));
    Kind known = event.flatMap(Event::kind).orElseThrow();
    Request request = event.get().request(known, "");
    assertEquals(expected.get("method").asText(), request.method());
    assertEquals(expected.get("path").asText(), request.path());
    for (Map.Entry<String, JsonNode> header : expected.get("headers").properties()) {
      assertEquals(
          header.getValue().textValue(),
          asOrigin(Corpus.read(file), header.getKey()).request(known, "").origin(),
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
