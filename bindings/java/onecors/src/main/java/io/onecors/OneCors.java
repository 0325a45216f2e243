package io.onecors;

/** The version and the limits of onecors. */
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
}
