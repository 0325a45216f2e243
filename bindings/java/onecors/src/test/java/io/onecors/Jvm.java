package io.onecors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/** Runs programs of the tests in JVMs of their own. */
final class Jvm {
  /** Where the classes and resources are that are being tested. */
  static final Path CLASSES = locationOf(Policy.class);

  private static final Path TEST_CLASSES = Path.of("target/test-classes").toAbsolutePath();

  private Jvm() {}

  record Result(int exit, String out, String err) {}

  /** Runs with onecors on the class path. */
  static Result run(Class<?> program, List<String> options, String... arguments) {
    return execute(command(CLASSES, program, options, arguments));
  }

  /** The command that runs a program with these classes of onecors on the class path. */
  static List<String> command(
      Path classes, Class<?> program, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Later JDKs warn without it, and the tests look at what is printed.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", classes + ":" + TEST_CLASSES));
    command.addAll(options);
    command.add(program.getName());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /** Runs in another JVM, with onecors on the module path. */
  static Result runAsModule(Path home, Class<?> program, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/java").toString());
    command.addAll(List.of("--module-path", CLASSES.toString(), "--add-modules", "io.onecors"));
    command.addAll(List.of("-cp", TEST_CLASSES.toString()));
    command.addAll(options);
    command.add(program.getName());
    return execute(command);
  }

  static Result execute(List<String> command) {
    try {
      Path err = Files.createTempFile("onecors-test-", ".err");
      try {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        // They would change where the library is copied to, and what is printed.
        builder.environment().keySet().removeAll(Set.of("XDG_CACHE_HOME", "JAVA_TOOL_OPTIONS"));
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), out.strip(), Files.readString(err));
      } finally {
        Files.delete(err);
      }
    } catch (IOException e) {
      return new Result(-1, "", e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A JVM that can deny native access, which JDK 24 was the first to do. */
  static Optional<Path> strictHome() throws IOException {
    Path homes = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(homes)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.list(homes)) {
      return found.filter(home -> release(home) >= 24).findFirst();
    }
  }

  private static int release(Path home) {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(home.resolve("release"))) {
      properties.load(in);
    } catch (IOException e) {
      return 0;
    }
    String version = properties.getProperty("JAVA_VERSION", "0").replace("\"", "");
    return Integer.parseInt(version.split("[^0-9]")[0]);
  }

  private static Path locationOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
