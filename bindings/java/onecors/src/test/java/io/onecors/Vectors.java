package io.onecors;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads the conformance vectors, and nothing that is not of their format. */
final class Vectors {
  /** Where the vectors are, from the folder of this module. */
  static final Path FOLDER = Path.of("../../../tests/conformance");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Vectors() {}

  static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  /** The files of one kind; fails where there are none. */
  static List<Path> files(String kind) {
    try (Stream<Path> files = Files.list(FOLDER.resolve(kind))) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
      require(!found.isEmpty(), "no files in " + FOLDER.resolve(kind));
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The object itself, once it has the required fields and no others but the optional ones. */
  static JsonNode object(JsonNode node, Set<String> required, Set<String> optional) {
    require(node.isObject(), "no object: " + node);
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    require(names.containsAll(required), "fields are missing: " + required + " in " + names);
    names.removeAll(required);
    names.removeAll(optional);
    require(names.isEmpty(), "unknown fields: " + names);
    return node;
  }

  /** The elements of a list; fails where there are none and there have to be. */
  static JsonNode list(JsonNode node, boolean mayBeEmpty) {
    require(node.isArray(), "no list: " + node);
    require(mayBeEmpty || !node.isEmpty(), "an empty list");
    return node;
  }

  static String text(JsonNode node) {
    require(node.isTextual(), "no string: " + node);
    return node.textValue();
  }

  static String textOrNull(JsonNode node) {
    return node.isNull() ? null : text(node);
  }

  /** The bytes that one of the four forms stands for. */
  static byte[] bytes(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue().getBytes(UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (node.has("hex")) {
      object(node, Set.of("hex"), Set.of());
      out.writeBytes(HexFormat.of().parseHex(text(node.get("hex"))));
    } else if (node.has("concat")) {
      object(node, Set.of("concat"), Set.of());
      list(node.get("concat"), true).forEach(part -> out.writeBytes(bytes(part)));
    } else {
      object(node, Set.of("repeat", "count"), Set.of());
      require(node.get("count").isInt(), "no count: " + node);
      byte[] part = bytes(node.get("repeat"));
      for (int i = 0; i < node.get("count").intValue(); i++) {
        out.writeBytes(part);
      }
    }
    return out.toByteArray();
  }

  /** The same as text, with U+FFFD for what is not UTF-8; null for an absent field. */
  static String decoded(JsonNode node) {
    return node == null ? null : new String(bytes(node), UTF_8);
  }

  /** The request of a case. */
  static Request request(JsonNode fields) {
    return new Request(
        decoded(fields.get("method")),
        decoded(fields.get("path")),
        decoded(fields.get("origin")),
        decoded(fields.get("access_control_request_method")),
        decoded(fields.get("access_control_request_headers")));
  }

  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
