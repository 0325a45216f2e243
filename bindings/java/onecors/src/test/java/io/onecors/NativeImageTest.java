package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The configuration for GraalVM native images, which repeats names of both halves. */
class NativeImageTest {
  private static final Path CONFIGURATION =
      Jvm.CLASSES.resolve("META-INF/native-image/io.onecors/onecors");

  @Test
  void itNamesTheClassesThatTheNativeHalfLooksUp() throws IOException {
    Set<String> lookedUp = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Path.of("../native/src"))) {
      for (Path source : sources.toList()) {
        Matcher name =
            Pattern.compile("jni_str!\\(\"([^\"]+)\"\\)").matcher(Files.readString(source));
        while (name.find()) {
          lookedUp.add(name.group(1).replace('/', '.'));
        }
      }
    }
    Set<String> configured = new TreeSet<>();
    for (JsonNode type : Vectors.read(CONFIGURATION.resolve("jni-config.json"))) {
      configured.add(type.get("name").asText());
    }
    assertTrue(lookedUp.size() > 0);
    assertEquals(lookedUp, configured);
  }

  @Test
  void itIncludesTheResources() {
    JsonNode includes =
        Vectors.read(CONFIGURATION.resolve("resource-config.json")).at("/resources/includes");
    for (String name : new String[] {"version.txt", nativeResource()}) {
      assertNotNull(Policy.class.getResource(name), name);
      boolean included = false;
      for (JsonNode include : includes) {
        included |= ("io/onecors/" + name).matches(include.get("pattern").asText());
      }
      assertTrue(included, name);
    }
  }

  private static String nativeResource() {
    return "native/" + NativeLibrary.platform() + "/" + System.mapLibraryName("onecors_java");
  }
}
