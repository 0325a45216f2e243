package io.onecors;

/** The version and the limits of onecors, and its way to print what others wrote. */
public final class OneCors {
  /** The size in bytes of the largest policy document that is read: 64 MiB. */
  public static final int MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

  private OneCors() {}

  /**
   * The version of the engine, which every package of onecors shares.
   *
   * @return the version, such as {@code 1.2.3}
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why, and
   *     what to do
   */
  public static String version() {
    NativeLibrary.load();
    return Utf8.decode(Native.version());
  }

  /**
   * Makes a text that somebody else chose, such as the name of a file or the {@linkplain
   * Problem#pointer pointer} of a problem, fit for a message or a log. An ordinary text is
   * unchanged. One with a character that is not seen, such as a control character, the end of a
   * line or a mark that turns the direction of text, or with a quote at its beginning, is put in
   * quotes and escaped.
   *
   * @param text the text
   * @return the text on one line, without such characters
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static String printable(String text) {
    NativeLibrary.load();
    return Utf8.decode(Native.printable(Utf8.encode(text)));
  }
}
