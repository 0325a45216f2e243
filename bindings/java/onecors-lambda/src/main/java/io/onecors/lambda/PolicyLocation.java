package io.onecors.lambda;

import io.onecors.OneCors;
import io.onecors.Policy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The location of a policy document, as a handler names it. */
final class PolicyLocation {
  private static final String CLASSPATH = "classpath:";

  private PolicyLocation() {}

  /**
   * Loads a policy.
   *
   * @param location {@code classpath:} and a name, or a file
   * @param user a class of the caller, whose class loader has the resource
   */
  static Policy load(String location, Class<?> user) {
    try {
      return location.startsWith(CLASSPATH)
          ? read(location, user.getClassLoader())
          : Policy.fromFile(Path.of(location));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "onecors: cannot read the policy "
              + OneCors.printable(location)
              + ": "
              + OneCors.printable(e.toString()),
          e);
    }
  }

  private static Policy read(String location, ClassLoader loader) throws IOException {
    String name = location.substring(CLASSPATH.length()).replaceFirst("^/", "");
    try (InputStream in = loader.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(
            OneCors.printable(name) + " is not on the class path; put it into src/main/resources");
      }
      return Policy.fromJson(in.readNBytes(OneCors.MAX_DOCUMENT_BYTES + 1));
    }
  }
}
