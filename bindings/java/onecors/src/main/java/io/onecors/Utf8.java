package io.onecors;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Texts as bytes. */
final class Utf8 {
  private Utf8() {}

  /** The bytes of a text, with U+FFFD for each surrogate that is not half of a pair. */
  static byte[] encode(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return mayHaveReplaced(bytes) ? replaceLoneSurrogates(text).getBytes(UTF_8) : bytes;
  }

  static String decode(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  /**
   * Whether there is a question mark: what {@code getBytes} makes of a lone surrogate, and a
   * character that a text may have as well. This is quick on every JDK, which looking for
   * surrogates with {@code charAt} is not.
   */
  private static boolean mayHaveReplaced(byte[] bytes) {
    for (byte b : bytes) {
      if (b == '?') {
        return true;
      }
    }
    return false;
  }

  private static String replaceLoneSurrogates(String text) {
    return text.codePoints()
        .map(c -> c <= Character.MAX_VALUE && Character.isSurrogate((char) c) ? '\uFFFD' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
