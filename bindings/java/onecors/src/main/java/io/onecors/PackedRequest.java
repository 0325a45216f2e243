package io.onecors;

/**
 * A request as it crosses to the native library: its fields in UTF-8, one after the other, and
 * their lengths, -1 for an absent one.
 *
 * <p>One array costs one copy on the other side, whatever the number of fields.
 */
final class PackedRequest {
  private static final byte[] NONE = {};

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
    byte[] m = encode(method);
    byte[] p = encode(path);
    byte[] o = encode(origin);
    byte[] acrm = encode(accessControlRequestMethod);
    byte[] acrh = encode(accessControlRequestHeaders);
    // An overflow ends in a negative size and so in an exception, never in a shorter array.
    bytes = new byte[m.length + p.length + o.length + acrm.length + acrh.length];
    int end = append(acrh, append(acrm, append(o, append(p, append(m, 0)))));
    this.method = method == null ? -1 : m.length;
    this.path = path == null ? -1 : p.length;
    this.origin = origin == null ? -1 : o.length;
    this.accessControlRequestMethod = accessControlRequestMethod == null ? -1 : acrm.length;
    this.accessControlRequestHeaders = accessControlRequestHeaders == null ? -1 : acrh.length;
  }

  private static byte[] encode(String field) {
    return field == null ? NONE : Utf8.encode(field);
  }

  private int append(byte[] field, int at) {
    System.arraycopy(field, 0, bytes, at, field.length);
    return at + field.length;
  }
}
