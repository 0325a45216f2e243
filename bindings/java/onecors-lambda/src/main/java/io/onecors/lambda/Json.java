package io.onecors.lambda;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** JSON text in UTF-8: as much of it as events and answers need. */
final class Json {
  /** Texts and numbers are bound to nothing, so only the payload limits their length. */
  static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Json() {}

  /** Reads one member of an object; what it leaves of the value is skipped. */
  interface MemberReader {
    void read(String name) throws IOException;
  }

  /** Reads the members of the object that the parser is at; does nothing where it is at none. */
  static void readMembers(JsonParser parser, MemberReader reader) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      reader.read(name);
      parser.skipChildren();
    }
  }

  /** The text that the parser is at, or the texts of the list. What is no text is left out. */
  static List<String> readTexts(JsonParser parser) throws IOException {
    List<String> texts = new ArrayList<>();
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      texts.add(parser.getText());
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
          texts.add(parser.getText());
        }
        parser.skipChildren();
      }
    }
    return texts;
  }

  /** Writes a value. */
  interface Writer {
    void write(JsonGenerator out) throws IOException;
  }

  /** The text that a writer writes. */
  static byte[] write(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Nothing that writes to memory fails.
    }
    return bytes.toByteArray();
  }
}
