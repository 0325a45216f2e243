package com.example.benches;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Requests of one kind, taken in turn.
 *
 * @param origins of each request its origin, or null
 */
record Scenario(
    String name, boolean isPreflight, boolean isAllowed, List<String> origins, Head[] heads) {
  private static final Map<String, String> FIELDS =
      Map.of(
          "access_control_request_method", "Access-Control-Request-Method",
          "access_control_request_headers", "Access-Control-Request-Headers");

  /** All scenarios of scenarios.json with the origins of one set. */
  static List<Scenario> read(Path scenarios, Path requests) throws IOException {
    JsonNode root = Lines.JSON.readTree(scenarios.toFile());
    JsonNode texts = Lines.JSON.readTree(requests.toFile());
    List<Scenario> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : root.get("scenarios").properties()) {
      List<String> origins = new ArrayList<>();
      if (each.getValue().get("origin").isNull()) {
        origins.add(null);
      } else {
        String kind = each.getValue().get("origin").textValue().equals("hit") ? "hits" : "misses";
        texts.get(kind).forEach(text -> origins.add(text.textValue()));
      }
      all.add(of(each.getKey(), each.getValue(), origins, root.get("request_headers"), Map.of()));
    }
    return all;
  }

  /** A scenario whose requests have one field more, or other than it says. */
  static Scenario of(
      String name,
      JsonNode scenario,
      List<String> origins,
      JsonNode requestHeaders,
      Map<String, String> changed) {
    Map<String, String> fields = new LinkedHashMap<>();
    requestHeaders.properties().forEach(f -> fields.put(f.getKey(), f.getValue().textValue()));
    FIELDS.forEach(
        (key, field) -> {
          if (scenario.has(key)) {
            fields.put(field, scenario.get(key).textValue());
          }
        });
    changed.forEach((key, value) -> fields.put(FIELDS.get(key), value));
    List<Head> heads = new ArrayList<>();
    for (String origin : origins) {
      Map<String, String> own = new LinkedHashMap<>(fields);
      if (origin != null) {
        own.put("Origin", origin);
      }
      heads.add(new Head(scenario.get("method").textValue(), own));
    }
    return new Scenario(
        name,
        scenario.has("access_control_request_method"),
        "hit".equals(scenario.get("origin").textValue()),
        origins,
        heads.toArray(Head[]::new));
  }

  /** The lines that the policy gives to the answer to this request, by names in lower case. */
  Map<String, String> expected(int request, Rules rules) {
    Map<String, String> lines = new TreeMap<>();
    lines.put(
        "vary",
        isPreflight
            ? "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            : "Origin");
    if (isAllowed) {
      lines.put("access-control-allow-origin", origins.get(request));
      lines.put("access-control-allow-credentials", "true");
    }
    if (isAllowed && isPreflight) {
      List<String> methods = rules.methods();
      lines.put(
          "access-control-allow-methods",
          String.join(", ", methods.subList(Rules.SAFELISTED, methods.size())));
      lines.put("access-control-allow-headers", String.join(", ", rules.headers()));
      lines.put("access-control-max-age", Long.toString(rules.maxAge()));
    } else if (isAllowed) {
      lines.put("access-control-expose-headers", String.join(", ", rules.exposed()));
    }
    return lines;
  }
}
