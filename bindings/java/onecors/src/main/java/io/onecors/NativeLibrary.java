package io.onecors;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Finds and loads the native library, in this order:
 *
 * <ol>
 *   <li>where {@code onecors.native.path} says, a file or a folder, and nowhere else;
 *   <li>in {@code java.library.path};
 *   <li>in the JAR, copied to the folder that {@code onecors.native.tmpdir} names, or else to the
 *       user's cache folder, or else to {@code java.io.tmpdir}.
 * </ol>
 *
 * <p>The copy has a name of its own each time, since a JVM loads a file into one class loader only.
 */
final class NativeLibrary {
  static final String PATH_PROPERTY = "onecors.native.path";
  static final String TMPDIR_PROPERTY = "onecors.native.tmpdir";

  private static final String NAME = "onecors_java";
  private static final Pattern UNSEEN = Pattern.compile("(?! )[\\p{C}\\p{Z}]");
  private static final String FILE_NAME = System.mapLibraryName(NAME);

  private static boolean tried;
  private static UnsatisfiedLinkError failure;

  private NativeLibrary() {}

  /**
   * Loads the library, the first time. A failure is final: it would load yet another copy to try
   * again.
   *
   * @throws UnsatisfiedLinkError if the library cannot be loaded or is of another version
   */
  static synchronized void load() {
    if (!tried) {
      tried = true;
      try {
        String source = open();
        checkVersion(source);
      } catch (UnsatisfiedLinkError e) {
        failure = e;
      } catch (IllegalCallerException e) {
        failure =
            error(
                "onecors cannot load its native library: this JVM denies native access. Start it"
                    + " with --enable-native-access=io.onecors where onecors is on the module path,"
                    + " or with --enable-native-access=ALL-UNNAMED where it is on the class path",
                e);
      }
    }
    if (failure != null) {
      throw error(failure.getMessage(), failure);
    }
  }

  /** Loads the library and returns where it came from. */
  private static String open() {
    String path = System.getProperty(PATH_PROPERTY);
    if (path != null) {
      return openConfigured(Path.of(path).toAbsolutePath());
    }
    List<String> attempts = new ArrayList<>();
    try {
      System.loadLibrary(NAME);
      return "java.library.path";
    } catch (UnsatisfiedLinkError e) {
      attempts.add("java.library.path: " + visible(e.getMessage()));
    }
    for (Path folder : extractionFolders()) {
      try {
        openExtracted(folder);
        return "the JAR";
      } catch (IOException | UnsatisfiedLinkError e) {
        attempts.add(visible(folder + ": " + reason(folder, e)));
      }
    }
    throw error(
        "onecors cannot load its native library "
            + FILE_NAME
            + " for "
            + platform()
            + "\n  "
            + String.join("\n  ", attempts)
            + "\nSet -D"
            + TMPDIR_PROPERTY
            + " to a folder that is not mounted noexec, or -D"
            + PATH_PROPERTY
            + " to the library",
        null);
  }

  private static String openConfigured(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(FILE_NAME) : path;
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw error(
          "onecors cannot load the native library that -D"
              + PATH_PROPERTY
              + " names (it tries no other place): "
              + visible(reason(file.getParent(), e)),
          e);
    }
    return visible(file.toString());
  }

  private static void openExtracted(Path folder) throws IOException {
    String resource = "native/" + platform() + "/" + FILE_NAME;
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("this JAR has no io/onecors/" + resource);
      }
      Files.createDirectories(folder);
      Path file = Files.createTempFile(folder, "onecors-" + version() + "-", "-" + FILE_NAME);
      try {
        try (OutputStream out = Files.newOutputStream(file)) {
          in.transferTo(out);
        }
        System.load(file.toAbsolutePath().toString());
      } finally {
        remove(file);
      }
    }
  }

  /** Removes a copy, which is no longer needed once it is loaded. */
  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      // Windows keeps the file of a loaded library.
      file.toFile().deleteOnExit();
    }
  }

  private static List<Path> extractionFolders() {
    String chosen = System.getProperty(TMPDIR_PROPERTY);
    if (chosen != null) {
      return List.of(Path.of(chosen));
    }
    List<Path> folders = new ArrayList<>();
    String cache = System.getenv("XDG_CACHE_HOME");
    Path caches =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    // A user without a home has "?" there.
    if (caches.isAbsolute()) {
      folders.add(caches.resolve("onecors"));
    }
    folders.add(Path.of(System.getProperty("java.io.tmpdir")));
    return folders;
  }

  /** The operating system and the processor, as the folders in the JAR are named. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os =
        system.startsWith("windows") ? "windows" : system.startsWith("mac") ? "macos" : system;
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String arch =
        switch (processor) {
          case "amd64", "x64" -> "x86_64";
          case "arm64" -> "aarch64";
          default -> processor;
        };
    return os + "-" + arch;
  }

  /** Escapes a text for one line of a message, before the engine, which could, is loaded. */
  private static String visible(String text) {
    return UNSEEN
        .matcher(text)
        .replaceAll(unseen -> String.format("\\\\u{%x}", unseen.group().codePointAt(0)));
  }

  /** Why a library in a folder could not be loaded. */
  private static String reason(Path folder, Throwable failure) {
    String reason =
        failure instanceof UnsatisfiedLinkError ? failure.getMessage() : failure.toString();
    if (reason.contains("already loaded in another classloader")) {
      return reason
          + " (a JVM loads a file into one class loader only: remove -D"
          + PATH_PROPERTY
          + ", so that each class loader extracts its own copy from the JAR, or put onecors into a"
          + " class loader that they share)";
    }
    return Mounts.noexec(folder)
        .map(
            mount ->
                reason + " (" + mount + " is mounted noexec: libraries there cannot be loaded)")
        .orElse(reason);
  }

  /** The version of the JAR. */
  private static String version() {
    try (InputStream in = NativeLibrary.class.getResourceAsStream("version.txt")) {
      if (in == null) {
        throw error(
            "onecors is incomplete: io/onecors/version.txt is missing beside its classes", null);
      }
      return Utf8.decode(in.readAllBytes()).strip();
    } catch (IOException e) {
      throw error("onecors cannot read io/onecors/version.txt", e);
    }
  }

  private static void checkVersion(String source) {
    String found;
    try {
      found = Utf8.decode(Native.version());
    } catch (UnsatisfiedLinkError e) {
      throw error(
          "the native library from "
              + source
              + " has no methods for "
              + Native.class.getName()
              + ": it is not onecors' own, or this class was renamed or relocated, which its native"
              + " methods do not survive",
          e);
    }
    String wanted = version();
    if (!found.equals(wanted)) {
      throw error(
          "the native library from "
              + source
              + " is onecors "
              + found
              + ", and the classes are onecors "
              + wanted
              + ": put one version of the JAR io.onecors:onecors on the class path or module path,"
              + " and no "
              + FILE_NAME
              + " of another version where it is looked for first",
          null);
    }
  }

  private static UnsatisfiedLinkError error(String message, Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
    error.initCause(cause);
    return error;
  }
}
