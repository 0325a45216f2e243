package io.onecors;

import static io.onecors.Vectors.decoded;
import static io.onecors.Vectors.list;
import static io.onecors.Vectors.object;
import static io.onecors.Vectors.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the vectors of applying a plan to a response, which every language runs. */
class ResponsesTest {
  @TestFactory
  Stream<DynamicTest> everyVectorPasses() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : Vectors.files("responses")) {
      JsonNode root = object(Vectors.read(file), Set.of("description", "cases"), Set.of());
      for (JsonNode each : list(root.get("cases"), false)) {
        tests.add(DynamicTest.dynamicTest(text(each.get("name")), () -> run(each)));
      }
    }
    return tests.stream();
  }

  private static void run(JsonNode each) {
    object(each, Set.of("name", "source", "document", "request", "response", "expect"), Set.of());
    JsonNode fields = each.get("request");
    Request request = Vectors.request(fields);
    JsonNode expect = object(each.get("expect"), Set.of("status", "headers"), Set.of());
    Fields response = new Fields(lines(each.get("response")));
    try (Policy policy = Policy.fromJson(each.get("document").toString())) {
      Plan plan = policy.decide(request).plan();
      plan.applyTo(response, request);
      assertEquals(expect.get("status").asInt(0), plan.status().orElse(0));
      assertEquals(comparable(lines(expect.get("headers"))), comparable(response.lines));
    }
  }

  private static List<Plan.Line> lines(JsonNode headers) {
    List<Plan.Line> lines = new ArrayList<>();
    list(headers, true)
        .forEach(line -> lines.add(new Plan.Line(text(line.get(0)), decoded(line.get(1)))));
    return lines;
  }

  /** The lines sorted, with lower-case names and one line of Vary. */
  private static List<String> comparable(List<Plan.Line> lines) {
    List<String> found = new ArrayList<>();
    List<String> vary = new ArrayList<>();
    for (Plan.Line line : lines) {
      if (line.name().equalsIgnoreCase("Vary")) {
        vary.add(line.value());
      } else {
        found.add(line.name().toLowerCase(Locale.ROOT) + ": " + line.value());
      }
    }
    if (!vary.isEmpty()) {
      found.add("vary: " + String.join(", ", vary));
    }
    found.sort(null);
    return found;
  }

  private record Fields(List<Plan.Line> lines) implements ResponseHeaders {
    @Override
    public Collection<String> names() {
      return lines.stream().map(Plan.Line::name).toList();
    }

    @Override
    public Collection<String> get(String name) {
      return lines.stream()
          .filter(line -> line.name().equalsIgnoreCase(name))
          .map(Plan.Line::value)
          .toList();
    }

    @Override
    public void set(String name, String value) {
      remove(name);
      lines.add(new Plan.Line(name, value));
    }

    @Override
    public void remove(String name) {
      lines.removeIf(line -> line.name().equalsIgnoreCase(name));
    }
  }
}
