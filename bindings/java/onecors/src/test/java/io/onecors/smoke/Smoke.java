package io.onecors.smoke;

import io.onecors.OneCors;
import io.onecors.Policy;

/** Loads the library in a JVM of its own and decides once. */
public final class Smoke {
  private Smoke() {}

  /** Prints the version and the verdict. */
  public static void main(String[] args) {
    try (Policy policy = Policy.builder().allowOrigins("https://app.example.com").build()) {
      System.out.println(
          OneCors.version()
              + " "
              + policy.decide("GET", "/", "https://app.example.com", null, null).outcome());
    }
  }
}
