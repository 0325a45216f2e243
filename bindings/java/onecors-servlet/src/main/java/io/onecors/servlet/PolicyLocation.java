package io.onecors.servlet;

import io.onecors.LivePolicy;
import io.onecors.OneCors;
import io.onecors.Policy;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the init parameter {@code policy} says that the document is. */
final class PolicyLocation {
  private static final String CLASSPATH = "classpath:";

  private PolicyLocation() {}

  /** Loads a document from a JAR or a WAR once, and watches any other file. */
  static LivePolicy load(FilterConfig config) throws ServletException {
    String location = config.getInitParameter("policy");
    if (location == null) {
      throw new ServletException(
          "onecors: the filter "
              + config.getFilterName()
              + " has no policy: set its init-param policy to classpath:cors.json,"
              + " /WEB-INF/cors.json or the path of a file");
    }
    ServletContext context = config.getServletContext();
    try {
      if (location.startsWith(CLASSPATH)) {
        String name = location.substring(CLASSPATH.length()).replaceFirst("^/", "");
        return read(location, classLoader(context).getResourceAsStream(name));
      }
      if (location.startsWith("/WEB-INF/")) {
        return read(location, context.getResourceAsStream(location));
      }
      return LivePolicy.watch(Path.of(location));
    } catch (IOException e) {
      throw new ServletException(
          "onecors: cannot read the policy "
              + OneCors.printable(location)
              + ": "
              + OneCors.printable(e.toString()),
          e);
    }
  }

  /** An embedded Jetty has none for a context that was not given one. */
  private static ClassLoader classLoader(ServletContext context) {
    return Stream.of(context.getClassLoader(), Thread.currentThread().getContextClassLoader())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(PolicyLocation.class.getClassLoader());
  }

  private static LivePolicy read(String location, InputStream found)
      throws IOException, ServletException {
    if (found == null) {
      throw new ServletException(
          "onecors: the web application has no "
              + OneCors.printable(location)
              + "; put the policy document there, or correct the init-param policy");
    }
    try (InputStream in = found) {
      return new LivePolicy(Policy.fromJson(in.readNBytes(OneCors.MAX_DOCUMENT_BYTES + 1)));
    }
  }
}
