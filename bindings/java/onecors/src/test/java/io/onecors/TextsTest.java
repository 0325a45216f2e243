package io.onecors;

import static io.onecors.Vectors.decoded;
import static io.onecors.Vectors.list;
import static io.onecors.Vectors.object;
import static io.onecors.Vectors.text;
import static io.onecors.Vectors.textOrNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What is not seen in print is in no text that people read, and exact in the fields. */
class TextsTest {
  private static final JsonNode CORPUS =
      object(
          Vectors.read(Vectors.files("texts").get(0)),
          Set.of("description", "invisible", "forged", "file", "cases"),
          Set.of());

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> everyCasePasses() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode each : list(CORPUS.get("cases"), false)) {
      tests.add(
          DynamicTest.dynamicTest(
              text(each.get("name")),
              () -> {
                if (each.has("request")) {
                  told(each);
                } else {
                  refused(each);
                }
              }));
    }
    return tests.stream();
  }

  private void refused(JsonNode each) throws IOException {
    object(each, Set.of("name", "source", "pointer"), Set.of("document", "text"));
    String document =
        each.has("text") ? decoded(each.get("text")) : each.get("document").toString();
    PolicyException e = assertThrows(PolicyException.class, () -> Policy.fromJson(document));
    requireClean(e.getMessage());
    String pointer = text(each.get("pointer"));
    assertTrue(e.problems().stream().anyMatch(problem -> problem.pointer().equals(pointer)));
    e.problems().forEach(problem -> requireCleanLine(problem.message()));
    e.problems().forEach(problem -> requireCleanLine(OneCors.printable(problem.pointer())));

    Path file = folder.resolve(text(CORPUS.get("file")));
    Files.writeString(file, document);
    PolicyException named = assertThrows(PolicyException.class, () -> Policy.fromFile(file));
    requireClean(named.getMessage());
  }

  private static void told(JsonNode each) throws IOException {
    object(
        each,
        Set.of("name", "source", "document", "request", "rule", "path_pattern", "nearest_miss"),
        Set.of());
    Request request = Vectors.request(each.get("request"));
    RecordingLogger logger = new RecordingLogger();
    try (Policy policy = Policy.fromJson(each.get("document").toString())) {
      String json = policy.explain(request);
      requireCleanLine(json);
      JsonNode story = new ObjectMapper().readTree(json);
      for (String text : List.of("summary", "advice", "browser_message")) {
        requireCleanLine(text(story.get(text)));
      }
      for (JsonNode check : story.get("checks")) {
        requireCleanLine(text(check.get("expected")));
        requireCleanLine(check.get("received").asText(""));
      }
      assertEquals(text(each.get("rule")), text(story.get("rule").get("name")));
      assertEquals(text(each.get("path_pattern")), text(story.get("rule").get("path_pattern")));
      JsonNode miss = story.get("nearest_miss");
      assertEquals(
          textOrNull(each.get("nearest_miss")),
          miss.isNull() ? null : textOrNull(miss.get("pattern")));
      new DenialLog(logger).report(policy, policy.decide(request), request, null);
    }
    assertEquals(1, logger.lines.size());
    requireCleanLine(logger.lines.get(0));
  }

  @Test
  void aWatchedFileIsNamedEscaped() throws IOException, InterruptedException {
    Path file = folder.resolve(text(CORPUS.get("file")));
    RecordingLogger logger = new RecordingLogger();
    Files.writeString(file, "{\"allow_origins\": [\"https://a.example\"]}");
    try (LivePolicy live = LivePolicy.watch(file, logger)) {
      Files.writeString(file, "{\"allow_origins\": [\"https://b.example\"]}");
      requireCleanLine(await(logger, "INFO"));
      Files.writeString(file, "{\"allow_origins\": []}");
      requireClean(await(logger, "ERROR"));
      logger.lines.clear();
      Files.delete(file);
      requireCleanLine(await(logger, "ERROR"));
      assertFalse(live.current().plans().isEmpty());
    }
  }

  @Test
  void anOrdinaryTextIsUnchanged() {
    for (String text : List.of("", "/rules/0", "C:\\a \"b\".json", "/\u00e9")) {
      assertEquals(text, OneCors.printable(text));
    }
    assertEquals("\"\\\"a\\u{a}\\\"\"", OneCors.printable("\"a\n\""));
  }

  private static String await(RecordingLogger logger, String level) throws InterruptedException {
    for (int i = 0; i < 2_000; i++) {
      for (String line : logger.lines) {
        if (line.startsWith(level)) {
          return line;
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no line of level " + level);
  }

  private static void requireClean(String shown) {
    for (JsonNode character : list(CORPUS.get("invisible"), false)) {
      assertFalse(shown.contains(text(character)), shown);
    }
    String forged = text(CORPUS.get("forged"));
    assertTrue(shown.lines().noneMatch(line -> line.startsWith(forged)), shown);
  }

  private static void requireCleanLine(String shown) {
    requireClean(shown);
    assertFalse(shown.contains("\n"), shown);
  }
}
