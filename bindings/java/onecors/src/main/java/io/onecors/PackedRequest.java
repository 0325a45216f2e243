package io.onecors;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A request as it crosses to the native library: its fields in UTF-8, one after the other, and
 * their lengths, -1 for an absent one.
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

  PackedRequest(
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
    byte[] ascii = text.getBytes(US_ASCII);
    // Anything else would have become a question mark. The comparison is quick: both are compact.
    if (text.equals(new String(ascii, US_ASCII))) {
      bytes = ascii;
      this.method = length(method);
      this.path = length(path);
      this.origin = length(origin);
      this.accessControlRequestMethod = length(accessControlRequestMethod);
      this.accessControlRequestHeaders = length(accessControlRequestHeaders);
    } else {
      byte[] m = encode(method);
      byte[] p = encode(path);
      byte[] o = encode(origin);
      byte[] acrm = encode(accessControlRequestMethod);
      byte[] acrh = encode(accessControlRequestHeaders);
      bytes = join(m, p, o, acrm, acrh);
      this.method = length(m);
      this.path = length(p);
      this.origin = length(o);
      this.accessControlRequestMethod = length(acrm);
      this.accessControlRequestHeaders = length(acrh);
    }
  }

  private static String orEmpty(String field) {
    return field == null ? "" : field;
  }

  private static int length(String field) {
    return field == null ? -1 : field.length();
  }

  private static byte[] encode(String field) {
    return field == null ? null : Utf8.encode(field);
  }

  private static int length(byte[] field) {
    return field == null ? -1 : field.length;
  }

  private static byte[] join(byte[]... fields) {
    int total = 0;
    for (byte[] field : fields) {
      total = Math.addExact(total, field == null ? 0 : field.length);
    }
    byte[] joined = new byte[total];
    int end = 0;
    for (byte[] field : fields) {
      if (field != null) {
        System.arraycopy(field, 0, joined, end, field.length);
        end += field.length;
      }
    }
    return joined;
  }
}
