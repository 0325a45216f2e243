package io.onecors.lambda;

import io.onecors.ResponseHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The header fields of an answer, which may be in two maps. A REST API sends what either has, so a
 * field is removed from both, and set in the one that its kind of integration reads.
 */
final class AnswerFields implements ResponseHeaders {
  private final Kind kind;

  /** The map that the kind reads, and then the other one where there is one. */
  private final Map<String, JsonObject> maps = new LinkedHashMap<>();

  /** The names as they are spelt, by what they are in lower case. */
  private final Map<String, Set<String>> spellings = new HashMap<>();

  private AnswerFields(Kind kind) {
    this.kind = kind;
  }

  /** The fields of an answer; nothing where its map of them is none. */
  static Optional<AnswerFields> of(Kind kind, JsonObject answer) throws IOException {
    Optional<JsonObject> map = answer.objectOrNew(kind.map());
    if (map.isEmpty()) {
      return Optional.empty();
    }
    AnswerFields fields = new AnswerFields(kind);
    fields.begin(kind.map(), map.get());
    answer.object(kind.otherMap()).ifPresent(other -> fields.begin(kind.otherMap(), other));
    return Optional.of(fields);
  }

  private void begin(String member, JsonObject map) {
    maps.put(member, map);
    map.names().forEach(name -> spellings(name).add(name));
  }

  private Set<String> spellings(String name) {
    return spellings.computeIfAbsent(name.toLowerCase(Locale.ROOT), any -> new LinkedHashSet<>());
  }

  @Override
  public Collection<String> names() {
    return spellings.values().stream().flatMap(Set::stream).toList();
  }

  @Override
  public Collection<String> get(String name) {
    List<String> lines = new ArrayList<>();
    for (JsonObject map : maps.values()) {
      spellings(name).forEach(spelling -> lines.addAll(texts(map, spelling)));
    }
    return lines;
  }

  private static List<String> texts(JsonObject map, String name) {
    try {
      return map.texts(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It was read before, as a part of the answer.
    }
  }

  @Override
  public void set(String name, String value) {
    remove(name);
    add(name, value);
  }

  @Override
  public void add(String name, String value) {
    spellings(name).add(name);
    maps.get(kind.map())
        .set(
            name,
            out -> {
              if (kind.hasLists()) {
                out.writeArray(new String[] {value}, 0, 1);
              } else {
                out.writeString(value);
              }
            });
  }

  @Override
  public void remove(String name) {
    Set<String> removed = spellings(name);
    maps.values().forEach(map -> removed.forEach(map::remove));
    removed.clear();
  }

  /** Puts the fields back into the answer. */
  void store(JsonObject answer) {
    maps.forEach(answer::set);
  }
}
