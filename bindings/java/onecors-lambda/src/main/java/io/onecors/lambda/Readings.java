package io.onecors.lambda;

import io.onecors.Plan;
import io.onecors.Policy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The ways to read a path. Some gateways decode it and some do not; some frameworks decode it,
 * leave path parameters out, take a backslash for a slash, or merge slashes. A page must not choose
 * between two rules by the way that it writes the path of one handler.
 */
final class Readings {
  /** Nearly no path has one of these, without which there is one reading. */
  private static final Pattern SEVERAL = Pattern.compile("[%;\\\\]|//");

  private static final Pattern PARAMETERS = Pattern.compile(";[^/]*+");
  private static final Pattern SLASHES = Pattern.compile("[/\\\\]++");

  private Readings() {}

  /** Whether the readings of a path have several rules. */
  static boolean areAmbiguous(Policy policy, String path) {
    if (!policy.dependsOnPath() || !SEVERAL.matcher(path).find()) {
      return false;
    }
    Plan plan = plan(policy, path);
    return of(path).stream().anyMatch(reading -> plan(policy, reading) != plan);
  }

  /** A plan belongs to one rule, so it tells which. */
  private static Plan plan(Policy policy, String path) {
    return policy.decide("GET", path, null, null, null).plan();
  }

  private static Set<String> of(String path) {
    Set<String> readings = new LinkedHashSet<>();
    for (String text : List.of(path, decode(path))) {
      for (String bare : List.of(text, PARAMETERS.matcher(text).replaceAll(""))) {
        readings.add(bare);
        readings.add(SLASHES.matcher(bare).replaceAll("/"));
      }
    }
    return readings;
  }

  /** Decodes what is encoded; a percent sign that encodes nothing stays. */
  private static String decode(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int value = bytes[i] == '%' && i + 2 < bytes.length ? hex(bytes[i + 1], bytes[i + 2]) : -1;
      decoded.write(value < 0 ? bytes[i] : value);
      i += value < 0 ? 0 : 2;
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  /** The value of two digits, or -1. */
  private static int hex(byte high, byte low) {
    int first = Character.digit(high, 16);
    int second = Character.digit(low, 16);
    return first < 0 || second < 0 ? -1 : 16 * first + second;
  }
}
