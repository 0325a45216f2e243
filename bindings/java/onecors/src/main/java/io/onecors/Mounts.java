package io.onecors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** What the operating system says about mounted file systems; nothing where it is not Linux. */
final class Mounts {
  private Mounts() {}

  /** The mount point that a folder is beneath, if it is mounted noexec. */
  static Optional<Path> noexec(Path folder) {
    try {
      Path real = folder.toRealPath();
      Path nearest = Path.of("/");
      boolean noexec = false;
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
        String[] fields = line.split(" ");
        // proc(5): white space in a path is an octal escape.
        Path mount = Path.of(fields[1].replace("\\040", " ").replace("\\011", "\t"));
        // A later mount hides an earlier one at the same place.
        if (real.startsWith(mount) && mount.startsWith(nearest)) {
          nearest = mount;
          noexec = Arrays.asList(fields[3].split(",")).contains("noexec");
        }
      }
      return noexec ? Optional.of(nearest) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      // This serves an error message alone, which must not be lost to another error.
      return Optional.empty();
    }
  }
}
