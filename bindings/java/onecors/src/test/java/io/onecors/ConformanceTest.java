package io.onecors;

import static io.onecors.Vectors.decoded;
import static io.onecors.Vectors.list;
import static io.onecors.Vectors.object;
import static io.onecors.Vectors.require;
import static io.onecors.Vectors.text;
import static io.onecors.Vectors.textOrNull;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Runs the conformance vectors, which every language runs from the same files. */
class ConformanceTest {
  private final List<String> failures = new ArrayList<>();
  private int found;
  private int run;

  @Test
  void everyVectorPasses() throws IOException {
    for (Path file : Vectors.files("decisions")) {
      JsonNode root = object(Vectors.read(file), Set.of("description", "groups"), Set.of());
      for (JsonNode group : list(root.get("groups"), false)) {
        runGroup(file, object(group, Set.of("name", "policy", "cases"), Set.of()));
      }
    }
    for (Path file : Vectors.files("documents")) {
      JsonNode root = object(Vectors.read(file), Set.of("description", "cases"), Set.of());
      for (JsonNode each : list(root.get("cases"), false)) {
        found++;
        check(file, each, () -> runDocument(each));
      }
    }
    report();
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
    assertEquals(found, run, "cases run");
  }

  private void runGroup(Path file, JsonNode group) {
    JsonNode cases = list(group.get("cases"), false);
    found += cases.size();
    try (Policy policy = Policy.fromJson(group.get("policy").toString())) {
      for (JsonNode each : cases) {
        check(file, each, () -> runDecision(policy, each));
      }
    } catch (PolicyException e) {
      failures.add(file + ": " + text(group.get("name")) + ": " + e.getMessage());
    }
  }

  private void check(Path file, JsonNode each, Runnable test) {
    run++;
    try {
      test.run();
    } catch (RuntimeException | AssertionError e) {
      failures.add(file + ": " + each.path("name").asText() + ": " + e);
    }
  }

  private static void runDecision(Policy policy, JsonNode each) {
    object(each, Set.of("name", "source", "request", "expect"), Set.of());
    JsonNode fields =
        object(
            each.get("request"),
            Set.of(),
            Set.of(
                "method",
                "path",
                "origin",
                "access_control_request_method",
                "access_control_request_headers"));
    Request request = Vectors.request(fields);
    JsonNode expect =
        object(each.get("expect"), Set.of("outcome", "reason", "status", "headers"), Set.of());

    Verdict verdict = policy.decide(request);

    Plan plan = verdict.plan();
    assertEquals(
        new Answer(
            text(expect.get("outcome")),
            textOrNull(expect.get("reason")),
            expect.get("status").isNull() ? 0 : expect.get("status").intValue(),
            lines(expect.get("headers"))),
        new Answer(
            verdict.outcome().code(),
            verdict.reason().map(Reason::code).orElse(null),
            plan.status().orElse(0),
            plan.lines(request)));
  }

  private static List<Plan.Line> lines(JsonNode headers) {
    List<Plan.Line> lines = new ArrayList<>();
    for (JsonNode line : list(headers, true)) {
      require(line.isArray() && line.size() == 2, "no header line: " + line);
      lines.add(new Plan.Line(text(line.get(0)), decoded(line.get(1))));
    }
    return lines;
  }

  private static void runDocument(JsonNode each) {
    object(each, Set.of("name", "source", "problems"), Set.of("document", "text"));
    require(each.has("document") != each.has("text"), "either a document or a text");
    byte[] document =
        each.has("text")
            ? Vectors.bytes(each.get("text"))
            : each.get("document").toString().getBytes(UTF_8);
    List<Place> expected = new ArrayList<>();
    for (JsonNode problem : list(each.get("problems"), true)) {
      object(problem, Set.of("code", "pointer"), Set.of("help"));
      expected.add(
          new Place(
              text(problem.get("pointer")),
              text(problem.get("code")),
              Optional.ofNullable(problem.get("help")).map(Vectors::text)));
    }
    expected.sort(Place.ORDER);
    assertPlaces(expected, problems(document));
  }

  private static List<Problem> problems(byte[] document) {
    try (Policy policy = Policy.fromJson(document)) {
      assertTrue(!policy.plans().isEmpty(), "a policy without plans");
      return List.of();
    } catch (PolicyException e) {
      return e.problems();
    }
  }

  /** Compares the help only where the vector has one. */
  private static void assertPlaces(List<Place> expected, List<Problem> problems) {
    List<Place> actual = new ArrayList<>();
    problems.forEach(p -> actual.add(new Place(p.pointer(), p.code(), p.help())));
    actual.sort(Place.ORDER);
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      if (expected.get(i).help().isEmpty()) {
        actual.set(i, new Place(actual.get(i).pointer(), actual.get(i).code(), Optional.empty()));
      }
    }
    assertEquals(expected, actual);
  }

  private void report() throws IOException {
    int passed = run - Math.min(run, failures.size());
    String line = "conformance java: " + run + " run, " + passed + " passed";
    Path own = Path.of("target/conformance.txt");
    Files.writeString(own, line + "\n");
    String shared = System.getenv("ONECORS_CONFORMANCE_REPORT");
    if (shared != null && !shared.isEmpty()) {
      Files.createDirectories(Path.of(shared));
      Files.writeString(Path.of(shared, "java.txt"), line + "\n");
    }
  }

  private record Answer(String outcome, String reason, int status, List<Plan.Line> headers) {}

  private record Place(String pointer, String code, Optional<String> help) {
    static final Comparator<Place> ORDER =
        Comparator.comparing(Place::pointer).thenComparing(Place::code);
  }
}
