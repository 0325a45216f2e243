package io.onecors.lambda;

import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * JSON text in UTF-8, as a part of an array.
 *
 * @param bytes the array, which nobody changes
 * @param from where the text begins
 * @param to where it ends
 */
record JsonText(byte[] bytes, int from, int to) {
  private static final String WHITE_SPACE = " \t\r\n";

  static JsonText of(byte[] text) {
    return new JsonText(text, 0, text.length);
  }

  /** The same without the white space around it. */
  JsonText trimmed() {
    int begin = from;
    int end = to;
    while (begin < end && WHITE_SPACE.indexOf(bytes[begin]) >= 0) {
      begin++;
    }
    while (begin < end && WHITE_SPACE.indexOf(bytes[end - 1]) >= 0) {
      end--;
    }
    return new JsonText(bytes, begin, end);
  }

  /** The same without the comma behind it, if there is one: no value ends with a comma. */
  JsonText withoutComma() {
    boolean hasComma = from < to && bytes[to - 1] == ',';
    return hasComma ? new JsonText(bytes, from, to - 1) : this;
  }

  boolean isEmpty() {
    return from == to;
  }

  boolean isText() {
    return from < to && bytes[from] == '"';
  }

  boolean isNull() {
    return from < to && bytes[from] == 'n';
  }

  /** The text without the white space between its tokens. */
  byte[] compact() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
    boolean isInString = false;
    boolean isEscaped = false;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (isInString || WHITE_SPACE.indexOf(b) < 0) {
        out.write(b);
      }
      isInString ^= b == '"' && !isEscaped;
      isEscaped = isInString && b == '\\' && !isEscaped;
    }
    return out.toByteArray();
  }

  JsonParser parse() throws IOException {
    return Json.FACTORY.createParser(bytes, from, to - from);
  }

  void writeTo(ByteArrayOutputStream out) {
    out.write(bytes, from, to - from);
  }
}
