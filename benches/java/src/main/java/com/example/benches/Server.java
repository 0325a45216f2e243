package com.example.benches;

import io.onecors.LivePolicy;
import io.onecors.Policy;
import io.onecors.servlet.CorsFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat with one servlet, and one filter or none: {@code SUBJECT PORT DOCUMENT}. */
final class Server {
  private Server() {}

  public static void main(String[] arguments) throws Exception {
    Path document = Path.of(arguments[2]);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("benches").toString());
    tomcat.setPort(Integer.parseInt(arguments[1]));
    Connector connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    // Otherwise each connection ends after a hundred requests, and what is measured is connecting.
    connector.setProperty("maxKeepAliveRequests", "-1");
    Context application = tomcat.addContext("", null);
    Tomcat.addServlet(application, "items", new ItemsServlet()).addMapping("/items");
    application.addServletContainerInitializer(
        (classes, context) -> {
          try {
            register(arguments[0], context, document);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        Set.of());
    tomcat.start();
    tomcat.getServer().await();
  }

  private static void register(String subject, ServletContext context, Path document)
      throws IOException {
    switch (subject) {
      case "none" -> {}
      case "onecors" -> CorsFilter.register(context, Policy.fromFile(document));
      case "onecors-live" -> CorsFilter.register(context, LivePolicy.watch(document));
      case "spring" -> map(context.addFilter(subject, Subject.spring(Rules.read(document))));
      case "tomcat" -> {
        FilterRegistration.Dynamic filter =
            context.addFilter(subject, org.apache.catalina.filters.CorsFilter.class);
        filter.setInitParameters(Subject.tomcatParameters(Rules.read(document)));
        map(filter);
      }
      default -> throw new IllegalArgumentException(subject);
    }
  }

  private static void map(FilterRegistration.Dynamic filter) {
    filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
  }
}
