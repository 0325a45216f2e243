package com.example.benches;

import io.onecors.OneCors;
import org.apache.catalina.util.ServerInfo;
import org.springframework.core.SpringVersion;

/** Prints what is measured. */
final class Versions {
  private Versions() {}

  public static void main(String[] arguments) {
    print("java", Runtime.version().toString());
    print("onecors", OneCors.version());
    print("tomcat", ServerInfo.getServerNumber());
    print("spring", SpringVersion.getVersion());
  }

  private static void print(String subject, String version) {
    Lines.print(Lines.of("version").put("subject", subject).put("version", version));
  }
}
