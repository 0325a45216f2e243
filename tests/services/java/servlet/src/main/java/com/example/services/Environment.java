package com.example.services;

import io.onecors.LivePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a service reads from its environment, and says when it is ready. */
public final class Environment {
  private Environment() {}

  /** The policy of the file that POLICY names, watched. */
  public static LivePolicy policy() throws IOException {
    return LivePolicy.watch(Path.of(System.getenv("POLICY")));
  }

  /** The port to listen on. */
  public static int port() {
    return Integer.parseInt(System.getenv().getOrDefault("PORT", "0"));
  }

  /**
   * A folder with the folder app/slash in it, to be served by the container's default servlet: that
   * redirects to the form with a slash.
   */
  public static Path files() throws IOException {
    Path files = Files.createTempDirectory("services");
    Files.createDirectories(files.resolve("app/slash"));
    return files;
  }

  /** Says that the service is ready. */
  public static void listening(int port) {
    System.out.println("listening on 127.0.0.1:" + port);
  }
}
