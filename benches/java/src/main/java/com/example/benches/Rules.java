package com.example.benches;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a policy document says, for subjects that have forms of their own.
 *
 * @param origins the exact origins and the wildcard patterns
 * @param hasRegexes whether there are regexes besides
 */
record Rules(
    List<String> origins,
    boolean hasRegexes,
    List<String> methods,
    List<String> headers,
    List<String> exposed,
    boolean credentials,
    long maxAge) {
  /** So many of the methods, the first, are allowed without being told. */
  static final int SAFELISTED = 3;

  static Rules read(Path document) throws IOException {
    JsonNode policy = Lines.JSON.readTree(document.toFile());
    List<String> origins = new ArrayList<>();
    boolean hasRegexes = false;
    for (JsonNode origin : policy.get("allow_origins")) {
      if (origin.isTextual()) {
        origins.add(origin.textValue());
      } else {
        hasRegexes = true;
      }
    }
    return new Rules(
        List.copyOf(origins),
        hasRegexes,
        Stream.concat(Stream.of("GET", "HEAD", "POST"), texts(policy.get("allow_methods")).stream())
            .toList(),
        texts(policy.get("allow_headers")),
        texts(policy.get("expose_headers")),
        policy.get("allow_credentials").asBoolean(),
        policy.get("max_age").asLong());
  }

  boolean hasWildcards() {
    return origins.stream().anyMatch(origin -> origin.contains("*"));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.textValue()));
    return List.copyOf(texts);
  }
}
