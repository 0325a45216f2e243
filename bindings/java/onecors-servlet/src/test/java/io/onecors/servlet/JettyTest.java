package io.onecors.servlet;

import java.util.List;
import java.util.stream.Stream;

class JettyTest extends FilterContract {
  @Override
  WebServer start(String contextPath, WebServer.Application application) throws Exception {
    return WebServer.jetty(contextPath, application);
  }

  /**
   * Jetty takes {@code Vary} off before it writes an error page of its own, when no filter is
   * called any more. It forbids caches to keep that page, so nothing is lost.
   */
  @Override
  List<String> cors(Answer answer) {
    boolean uncached = String.join("", answer.field("Cache-Control")).contains("no-store");
    return uncached && answer.field("Vary").isEmpty()
        ? Stream.concat(answer.cors().stream(), Stream.of("Vary: Origin")).toList()
        : answer.cors();
  }
}
