package io.onecors;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Texts as bytes. */
final class Utf8 {
  private Utf8() {}

  /** The bytes of a text, with U+FFFD for each surrogate that is not half of a pair. */
  static byte[] encode(String text) {
    return repaired(text).getBytes(UTF_8);
  }

  static String decode(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  /**
   * The text itself, unless it has lone surrogates: {@code getBytes} would make each a question
   * mark, which is a character that a text may have.
   */
  private static String repaired(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return replaceLoneSurrogates(text);
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    return text.codePoints()
        .map(c -> c <= Character.MAX_VALUE && Character.isSurrogate((char) c) ? '\uFFFD' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
