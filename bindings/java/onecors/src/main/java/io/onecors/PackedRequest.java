package io.onecors;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A request as it crosses to the native library: its fields, one after the other, and their
 * lengths, -1 for an absent one.
 *
 * <p>One array costs one copy on the other side, whatever the number of fields.
 */
final class PackedRequest {
  final byte[] bytes;
  final int method;
  final int path;
  final int origin;
  final int accessControlRequestMethod;
  final int accessControlRequestHeaders;

  private PackedRequest(byte[] bytes, int... lengths) {
    this.bytes = bytes;
    method = lengths[0];
    path = lengths[1];
    origin = lengths[2];
    accessControlRequestMethod = lengths[3];
    accessControlRequestHeaders = lengths[4];
  }

  /**
   * In ASCII, all at once, which is the quickest. What is not ASCII becomes a question mark: where
   * one is found on the other side, the request has to be packed exactly.
   *
   * @return null where the bytes are not one for each character, so that the request has to be
   *     packed exactly as well
   */
  static PackedRequest ascii(
      String method,
      String path,
      String origin,
      String accessControlRequestMethod,
      String accessControlRequestHeaders) {
    String text =
        orEmpty(method)
            + orEmpty(path)
            + orEmpty(origin)
            + orEmpty(accessControlRequestMethod)
            + orEmpty(accessControlRequestHeaders);
    byte[] bytes = text.getBytes(US_ASCII);
    if (bytes.length != text.length()) {
      return null; // A pair of surrogates has become one question mark.
    }
    return new PackedRequest(
        bytes,
        length(method),
        length(path),
        length(origin),
        length(accessControlRequestMethod),
        length(accessControlRequestHeaders));
  }

  /** In UTF-8. */
  static PackedRequest exact(String... fields) {
    byte[][] encoded = new byte[fields.length][];
    int[] lengths = new int[fields.length];
    int total = 0;
    for (int i = 0; i < fields.length; i++) {
      encoded[i] = Utf8.encode(orEmpty(fields[i]));
      lengths[i] = fields[i] == null ? -1 : encoded[i].length;
      total = Math.addExact(total, encoded[i].length);
    }
    byte[] bytes = new byte[total];
    int end = 0;
    for (byte[] field : encoded) {
      System.arraycopy(field, 0, bytes, end, field.length);
      end += field.length;
    }
    return new PackedRequest(bytes, lengths);
  }

  private static String orEmpty(String field) {
    return field == null ? "" : field;
  }

  private static int length(String field) {
    return field == null ? -1 : field.length();
  }
}
