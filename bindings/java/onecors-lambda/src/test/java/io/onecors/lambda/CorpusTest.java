package io.onecors.lambda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import io.onecors.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the cases that every language runs. */
class CorpusTest {
  private static Policy policy;
  private static LogLines log;

  @BeforeAll
  static void begin() throws IOException {
    policy = Policy.fromFile(Corpus.POLICY);
    log = new LogLines();
  }

  @AfterAll
  static void end() {
    log.close();
    policy.close();
  }

  @TestFactory
  Stream<DynamicTest> everyCasePasses() {
    return tests("cases", CorpusTest::handler);
  }

  @TestFactory
  Stream<DynamicTest> everyCaseOfTheAuthorizerPasses() {
    return tests("authorizer", CorpusTest::authorizer);
  }

  private static RequestStreamHandler handler(JsonNode each, RequestStreamHandler wrapped) {
    String onError = each.path("on_error").asText("raise");
    CorsOptions options =
        CorsOptions.DEFAULTS
            .withOnError(OnError.valueOf(onError.toUpperCase(Locale.ROOT)))
            .withBasePath(each.path("base_path").asText(""));
    return new CorsHandler(policy(each), wrapped, options);
  }

  private static RequestStreamHandler authorizer(JsonNode each, RequestStreamHandler wrapped) {
    return new CorsAuthorizer(policy(each), wrapped, each.path("base_path").asText(""));
  }

  private static Policy policy(JsonNode each) {
    return each.has("policy") ? Policy.fromJson(each.get("policy").toString()) : policy;
  }

  /** Puts the adapter of a case in front of a handler. */
  private interface Adapter {
    RequestStreamHandler wrap(JsonNode each, RequestStreamHandler wrapped);
  }

  private static Stream<DynamicTest> tests(String folder, Adapter adapter) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : Corpus.files(folder)) {
      for (JsonNode each : Corpus.read(file)) {
        String name = file.getFileName() + ": " + each.get("name").asText();
        if (each.path("except").has("java")) {
          System.out.println("not for Java: " + name + ": " + each.at("/except/java").asText());
        } else {
          tests.add(DynamicTest.dynamicTest(name, () -> run(each, adapter)));
        }
      }
    }
    return tests.stream();
  }

  private static void run(JsonNode each, Adapter adapter) throws IOException {
    byte[] event = Corpus.MAPPER.writeValueAsBytes(each.get("event"));
    RequestStreamHandler wrapped =
        (input, output, context) -> {
          assertArrayEquals(event, input.readAllBytes(), "the event is passed on as it came");
          JsonNode handler = each.get("handler");
          if (handler.has("throws")) {
            throw new IllegalStateException(handler.get("throws").asText());
          }
          output.write(Corpus.MAPPER.writeValueAsBytes(handler.get("returns")));
        };
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    RequestStreamHandler adapted = adapter.wrap(each, wrapped);
    JsonNode expected = each.get("expected");
    if (expected.has("fails")) {
      Exception e =
          assertThrows(
              Exception.class,
              () -> adapted.handleRequest(new ByteArrayInputStream(event), output, null));
      assertEquals(expected.get("fails").asText(), e.getMessage());
      return;
    }
    adapted.handleRequest(new ByteArrayInputStream(event), output, null);
    JsonNode answer = Corpus.MAPPER.readTree(output.toByteArray());
    assertTrue(
        Corpus.isSame(expected.get("returns"), answer),
        () -> "expected " + expected.get("returns") + " and got " + answer);
  }
}
