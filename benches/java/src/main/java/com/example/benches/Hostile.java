package com.example.benches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.Filter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what hostile values cost: {@code DOCUMENTS scenarios.json}. */
final class Hostile {
  private static final boolean QUICK = System.getenv("QUICK") != null;
  private static final int SAMPLES = QUICK ? 1 : 9;
  private static final int WARM_UP_CALLS = QUICK ? 10 : 5_000;
  private static final double LONGEST_WARM_UP = 0.3e9;
  private static final double BATCH_NANOSECONDS = QUICK ? 0.02e6 : 1e6;

  /** A subject that takes longer than this for a call is not asked about longer values. */
  private static final double TOO_LONG = QUICK ? 0.05e9 : 2e9;

  private final Runner runner = new Runner();
  private final Path documents;
  private final JsonNode scenarios;

  private Hostile(Path documents, Path scenarios) throws Exception {
    this.documents = documents;
    this.scenarios = Lines.JSON.readTree(scenarios.toFile());
  }

  public static void main(String[] arguments) throws Exception {
    new Hostile(Path.of(arguments[0]), Path.of(arguments[1])).measure();
  }

  private void measure() throws Exception {
    JsonNode inputs = Lines.JSON.readTree(documents.resolve("hostile.json").toFile());
    for (Map.Entry<String, JsonNode> input : inputs.properties()) {
      System.err.println("java: servlet, " + input.getKey());
      Map<String, Filter> subjects = subjects(input.getValue().get("origins").textValue());
      for (Map.Entry<String, Filter> subject : subjects.entrySet()) {
        measure(input.getKey(), input.getValue(), subject.getKey(), subject.getValue());
      }
    }
  }

  private Map<String, Filter> subjects(String set) throws Exception {
    Path document = documents.resolve(set + ".json");
    Rules rules = Rules.read(document);
    Map<String, Filter> subjects = new LinkedHashMap<>();
    subjects.put("onecors", Subject.onecors(document, runner.context()));
    if (!rules.hasRegexes()) {
      subjects.put("tomcat", Subject.tomcat(rules, runner.context()));
      subjects.put("spring", Subject.spring(rules));
    }
    return subjects;
  }

  private void measure(String name, JsonNode input, String subject, Filter filter)
      throws Exception {
    for (JsonNode value : input.get("values")) {
      Scenario scenario = scenario(input, value.textValue());
      double slowest = runner.time(filter, scenario, 1);
      double spent = slowest;
      for (int call = 0; call < WARM_UP_CALLS && spent < LONGEST_WARM_UP; call++) {
        spent += runner.time(filter, scenario, 1);
      }
      int calls = (int) Math.max(1, BATCH_NANOSECONDS / runner.time(filter, scenario, 1));
      List<Double> samples = new ArrayList<>();
      for (int i = 0; i < SAMPLES && slowest < TOO_LONG; i++) {
        samples.add(runner.time(filter, scenario, calls));
        slowest = Math.max(slowest, samples.get(i));
      }
      print(
          name,
          value.textValue().length(),
          subject,
          samples.isEmpty() ? List.of(slowest) : samples);
      if (slowest >= TOO_LONG) {
        System.err.println("java: " + subject + " takes too long for " + name);
        return;
      }
    }
  }

  /**
   * An origin stands in an actual request, everything else in a preflight from an allowed origin.
   */
  private Scenario scenario(JsonNode input, String value) throws Exception {
    String field = input.get("field").textValue();
    JsonNode fields = scenarios.get("request_headers");
    if (field.equals("origin")) {
      JsonNode actual = scenarios.get("scenarios").get("actual-denied");
      return Scenario.of("hostile", actual, List.of(value), fields, Map.of());
    }
    JsonNode preflight = scenarios.get("scenarios").get("preflight-allowed");
    Path requests = documents.resolve(input.get("origins").textValue() + ".requests.json");
    String origin = Lines.JSON.readTree(requests.toFile()).get("hits").get(0).textValue();
    return Scenario.of("hostile", preflight, List.of(origin), fields, Map.of(field, value));
  }

  private static void print(String input, int length, String subject, List<Double> samples) {
    ObjectNode line = Lines.of("hostile");
    line.put("framework", "servlet").put("input", input).put("length", length);
    line.put("subject", subject).put("unit", "ns");
    ArrayNode numbers = line.putArray("samples");
    samples.forEach(sample -> numbers.add(Math.round(sample * 10) / 10.0));
    Lines.print(line);
  }
}
