package io.onecors.spring.boot;

import io.onecors.LivePolicy;
import io.onecors.OneCors;
import io.onecors.Policy;
import io.onecors.PolicyException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/** Loads the policy that {@code onecors.policy} names. */
final class PolicyLocation {
  private static final String PROPERTY = "onecors.policy";

  private final String location;
  private final boolean watch;
  private final ResourceLoader resources;

  private PolicyLocation(String location, boolean watch, ResourceLoader resources) {
    this.location = location;
    this.watch = watch;
    this.resources = resources;
  }

  /**
   * Loads a policy.
   *
   * @throws StartupException if it cannot be loaded
   */
  static LivePolicy load(OneCorsProperties properties, ResourceLoader resources) {
    return new PolicyLocation(properties.policy().strip(), properties.watch(), resources).load();
  }

  private LivePolicy load() {
    try {
      return read();
    } catch (PolicyException e) {
      throw StartupException.of(
          isInline() ? "The document in " + PROPERTY : "The policy document " + named(), e);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new StartupException(
          PROPERTY
              + " is "
              + named()
              + ", which does not exist ("
              + OneCors.printable(String.valueOf(e.getMessage()))
              + ").",
          "Put the policy document there, or set "
              + PROPERTY
              + " to its location: classpath:cors.json is src/main/resources/cors.json, and"
              + " file:/etc/onecors/policy.json is a file on this machine.",
          e);
    } catch (IOException e) {
      throw new StartupException(
          PROPERTY
              + " is "
              + named()
              + ", which cannot be read: "
              + OneCors.printable(e.toString())
              + ".",
          "Set " + PROPERTY + " to a file that this process can read.",
          e);
    }
  }

  /** The location, escaped for a message. */
  private String named() {
    return OneCors.printable(location);
  }

  private LivePolicy read() throws IOException {
    if (location.startsWith("file:")) {
      Path file = resources.getResource(location).getFile().toPath();
      return watch ? LivePolicy.watch(file) : new LivePolicy(Policy.fromFile(file));
    }
    if (watch) {
      throw new StartupException(
          "onecors.watch is true, but " + PROPERTY + " is not a file, so it cannot change.",
          "Write " + PROPERTY + "=file:/etc/onecors/policy.json, or remove onecors.watch.",
          null);
    }
    if (isInline()) {
      return new LivePolicy(Policy.fromJson(location));
    }
    if (location.startsWith(ResourceLoader.CLASSPATH_URL_PREFIX)) {
      return read(resources.getResource(location));
    }
    throw new StartupException(
        PROPERTY
            + " is \""
            + named()
            + "\", which begins with none of classpath:, file: and { (a document).",
        "Write " + PROPERTY + "=classpath:cors.json for src/main/resources/cors.json.",
        null);
  }

  private static LivePolicy read(Resource resource) throws IOException {
    try (InputStream in = resource.getInputStream()) {
      return new LivePolicy(Policy.fromJson(in.readNBytes(OneCors.MAX_DOCUMENT_BYTES + 1)));
    }
  }

  private boolean isInline() {
    return location.startsWith("{");
  }
}
