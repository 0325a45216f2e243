package com.example.benches;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.Filter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Measures the filters with one set of origins: {@code DOCUMENTS scenarios.json SET}. */
final class Adapters {
  /** Beyond this many origins a filter that scans them takes longer than a millisecond. */
  private static final int MOST_TO_SCAN = 10_000;

  private static final boolean QUICK = System.getenv("QUICK") != null;
  private static final int ROUNDS = QUICK ? 3 : 61;
  private static final int WARM_UP_CALLS = QUICK ? 100 : 20_000;
  private static final double LONGEST_WARM_UP = 1e9;
  private static final double BATCH_NANOSECONDS = QUICK ? 0.02e6 : 0.4e6;

  private final Random random = new Random(1);
  private final Runner runner = new Runner();
  private final String set;
  private final Rules rules;
  private final List<Scenario> scenarios;
  private final Map<String, Filter> subjects = new LinkedHashMap<>();

  private Adapters(Path documents, Path scenarios, String set) throws Exception {
    this.set = set;
    Path document = documents.resolve(set + ".json");
    rules = Rules.read(document);
    this.scenarios = Scenario.read(scenarios, documents.resolve(set + ".requests.json"));
    subjects.put("nothing", null);
    subjects.put("onecors", Subject.onecors(document, runner.context()));
    if (!rules.hasRegexes() && !rules.hasWildcards()) {
      subjects.put("limit", new LimitFilter(rules));
      subjects.put("tomcat", Subject.tomcat(rules, runner.context()));
    }
    if (!rules.hasRegexes() && rules.origins().size() <= MOST_TO_SCAN) {
      subjects.put("spring", Subject.spring(rules));
    }
  }

  public static void main(String[] arguments) throws Exception {
    new Adapters(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]).measure();
  }

  private void measure() throws Exception {
    Map<String, String> notes = new LinkedHashMap<>();
    for (Scenario scenario : scenarios) {
      for (Map.Entry<String, Filter> subject : subjects.entrySet()) {
        if (subject.getValue() != null) {
          notes.put(key(scenario, subject.getKey()), check(scenario, subject));
        }
      }
    }
    // All of everything first, so that what was compiled is the same for each scenario.
    for (int i = 0; i < 2; i++) {
      for (Scenario scenario : scenarios) {
        for (Filter filter : subjects.values()) {
          warmUp(scenario, filter);
        }
      }
    }
    for (Scenario scenario : scenarios) {
      System.err.println("java: servlet, " + set + ", " + scenario.name());
      Map<String, List<Double>> samples = sample(scenario);
      samples.forEach((name, of) -> print(scenario, name, of, notes.get(key(scenario, name))));
    }
  }

  private void warmUp(Scenario scenario, Filter filter) throws Exception {
    double spent = 0;
    for (int calls = 0; calls < WARM_UP_CALLS && spent < LONGEST_WARM_UP; calls += 100) {
      spent += runner.time(filter, scenario, 100) * 100;
    }
  }

  /** Of each subject one sample a round, all of a round close together and in random order. */
  private Map<String, List<Double>> sample(Scenario scenario) throws Exception {
    Map<String, List<Double>> samples = new LinkedHashMap<>();
    Map<String, Integer> calls = new LinkedHashMap<>();
    for (Map.Entry<String, Filter> subject : subjects.entrySet()) {
      samples.put(subject.getKey(), new ArrayList<>());
      warmUp(scenario, subject.getValue());
      double each = runner.time(subject.getValue(), scenario, 200);
      calls.put(subject.getKey(), (int) Math.max(20, BATCH_NANOSECONDS / each));
    }
    List<String> order = new ArrayList<>(subjects.keySet());
    for (int round = 0; round < ROUNDS; round++) {
      Collections.shuffle(order, random);
      for (String name : order) {
        samples.get(name).add(runner.time(subjects.get(name), scenario, calls.get(name)));
      }
    }
    return samples;
  }

  /** Looks at the answers to all requests; gives what is to be noted of a peer's. */
  private String check(Scenario scenario, Map.Entry<String, Filter> subject) throws Exception {
    boolean isPeer = !subject.getKey().equals("onecors") && !subject.getKey().equals("limit");
    String note = null;
    for (int i = 0; i < scenario.heads().length; i++) {
      Runner.Result result = runner.once(subject.getValue(), scenario.heads()[i]);
      Map<String, String> expected = scenario.expected(i, rules);
      String what = set + ", " + scenario.name() + ", " + subject.getKey() + ": " + result;
      if (isPeer) {
        String field = "access-control-allow-origin";
        if (!String.valueOf(expected.get(field))
            .equals(String.valueOf(result.lines().get(field)))) {
          note = "wrong Access-Control-Allow-Origin: " + result.lines().get(field);
        } else if (!result.lines().containsKey("vary")) {
          note = "no Vary";
        }
      } else if (!result.lines().equals(expected)) {
        throw new IllegalStateException(what + ", expected " + expected);
      } else if (result.isReached() == scenario.isPreflight()) {
        throw new IllegalStateException(what + ", reached the application or not");
      } else if (scenario.isPreflight() && result.status() != (scenario.isAllowed() ? 204 : 403)) {
        throw new IllegalStateException(what);
      }
    }
    return note;
  }

  private void print(Scenario scenario, String subject, List<Double> samples, String note) {
    ObjectNode line = Lines.of("adapter");
    line.put("framework", "servlet").put("origins", set).put("scenario", scenario.name());
    line.put("subject", subject).put("unit", "ns");
    ArrayNode numbers = line.putArray("samples");
    samples.forEach(sample -> numbers.add(Math.round(sample * 10) / 10.0));
    if (note != null) {
      line.put("note", note);
    }
    Lines.print(line);
  }

  private static String key(Scenario scenario, String subject) {
    return scenario.name() + " " + subject;
  }
}
