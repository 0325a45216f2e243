package io.onecors;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads what the native library packed into a byte array: 32-bit big-endian numbers, and texts,
 * each a length and so many bytes of UTF-8, with the length -1 for none.
 */
final class Unpacker {
  private final ByteBuffer bytes;

  Unpacker(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  int number() {
    return bytes.getInt();
  }

  /** The next text, or null. */
  String text() {
    int length = bytes.getInt();
    if (length < 0) {
      return null;
    }
    int start = bytes.position();
    bytes.position(start + length);
    return new String(bytes.array(), start, length, StandardCharsets.UTF_8);
  }

  /** The next number, and so many elements. */
  <T> List<T> list(Supplier<T> element) {
    int count = number();
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(element.get());
    }
    return List.copyOf(list);
  }
}
