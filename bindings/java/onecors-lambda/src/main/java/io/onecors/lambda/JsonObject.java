package io.onecors.lambda;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object whose members can be replaced, while the bytes of all others stay as they are: a
 * number keeps its digits, and a body is not even decoded. Of a name that comes twice the last
 * member counts, as for most who read JSON.
 */
final class JsonObject {
  private final Map<String, JsonText> members = new LinkedHashMap<>();

  /**
   * Reads an object that a handler wrote, or a part of one.
   *
   * @return the object; null where the text is JSON, and no object
   * @throws IllegalStateException if the text is not JSON, or has more than one value
   */
  static JsonObject read(JsonText text) throws IOException {
    JsonObject object = new JsonObject();
    try (JsonParser parser = text.parse()) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_OBJECT) {
        object.readMembers(text, parser);
      }
      parser.skipChildren();
      if (first == null || parser.nextToken() != null) {
        throw new JsonParseException(parser, "there is not one value");
      }
      return first == JsonToken.START_OBJECT ? object : null;
    } catch (JacksonException e) {
      // Jackson's message shows some of the text, which may be anyone's, and is logged.
      throw new IllegalStateException(
          "onecors: the handler's output is not JSON in UTF-8, so no headers can be added; the error"
              + " is at byte "
              + e.getLocation().getByteOffset());
    }
  }

  /** A value goes on to the next token, but for the comma and white space between the two. */
  private void readMembers(JsonText text, JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    while (token == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      int from = text.from() + (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      token = parser.nextToken();
      int to = text.from() + (int) parser.currentTokenLocation().getByteOffset();
      members.put(name, new JsonText(text.bytes(), from, to).trimmed().withoutComma().trimmed());
    }
  }

  Collection<String> names() {
    return members.keySet();
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  /** The value of a member, if it is an object. */
  Optional<JsonObject> object(String name) throws IOException {
    JsonText value = members.get(name);
    return value == null ? Optional.empty() : Optional.ofNullable(read(value));
  }

  /** The same, and a new one where there is no such member, or where it is null. */
  Optional<JsonObject> objectOrNew(String name) throws IOException {
    JsonText value = members.get(name);
    return value == null || value.isNull() ? Optional.of(new JsonObject()) : object(name);
  }

  /** The value of a member that is a text, or the texts of a list. */
  List<String> texts(String name) throws IOException {
    JsonText value = members.get(name);
    if (value == null) {
      return List.of();
    }
    try (JsonParser parser = value.parse()) {
      parser.nextToken();
      return Json.readTexts(parser);
    }
  }

  /** Sets a member to a value, which is JSON text. */
  void set(String name, JsonText value) {
    members.put(name, value);
  }

  void set(String name, Json.Writer value) {
    set(name, JsonText.of(Json.write(value)));
  }

  void set(String name, JsonObject value) {
    set(name, JsonText.of(value.write()));
  }

  void remove(String name) {
    members.remove(name);
  }

  byte[] write() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    char separator = '{';
    for (Map.Entry<String, JsonText> member : members.entrySet()) {
      out.write(separator);
      out.writeBytes(Json.write(name -> name.writeString(member.getKey())));
      out.write(':');
      member.getValue().writeTo(out);
      separator = ',';
    }
    if (members.isEmpty()) {
      out.write(separator);
    }
    out.write('}');
    return out.toByteArray();
  }
}
