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

  private PackedRequest(byte[]... fields) {
    int total = 0;
    for (byte[] field : fields) {
      total = Math.addExact(total, Math.max(0, length(field)));
    }
    bytes = new byte[total];
    int end = 0;
    for (byte[] field : fields) {
      if (field != null) {
        System.arraycopy(field, 0, bytes, end, field.length);
        end += field.length;
      }
    }
    method = length(fields[0]);
    path = length(fields[1]);
    origin = length(fields[2]);
    accessControlRequestMethod = length(fields[3]);
    accessControlRequestHeaders = length(fields[4]);
  }

  /** In UTF-8. */
  static PackedRequest exact(String... fields) {
    byte[][] encoded = new byte[fields.length][];
    for (int i = 0; i < fields.length; i++) {
      encoded[i] = fields[i] == null ? null : Utf8.encode(fields[i]);
    }
    return new PackedRequest(encoded);
  }

  /**
   * In ASCII, which is the quickest, and with a question mark for everything else: where one is
   * found on the other side, the request has to be packed exactly.
   */
  static PackedRequest ascii(String... fields) {
    byte[][] encoded = new byte[fields.length][];
    for (int i = 0; i < fields.length; i++) {
      encoded[i] = fields[i] == null ? null : fields[i].getBytes(US_ASCII);
    }
    return new PackedRequest(encoded);
  }

  private static int length(byte[] field) {
    return field == null ? -1 : field.length;
  }
}
