package com.example.services;

import io.onecors.LivePolicy;
import io.onecors.servlet.CorsFilter;
import io.onecors.servlet.JettyCorsHandler;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The servlets in an embedded Jetty, with the filter or, given "handler", with the handler. */
final class Jetty {
  /** More than the engine takes of any field, so that it is the engine that refuses. */
  private static final int MAX_HEADER = 64 * 1024;

  private Jetty() {}

  public static void main(String[] arguments) throws Exception {
    boolean aroundAll = List.of(arguments).contains("handler");
    LivePolicy policy = Environment.policy();
    Server server = new Server();
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setRequestHeaderSize(MAX_HEADER);
    ServerConnector connector =
        new ServerConnector(
            server,
            new HttpConnectionFactory(configuration),
            new HTTP2CServerConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    connector.setPort(Environment.port());
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    context.setBaseResourceAsPath(Environment.files());
    context.addServlet(DefaultServlet.class, "/app/slash/*");
    JakartaWebSocketServletContainerInitializer.configure(
        context,
        (servletContext, container) -> {
          if (!aroundAll) {
            CorsFilter.register(servletContext, policy);
          }
          Routes.register(servletContext, policy);
          container.addEndpoint(Echo.class);
        });
    server.setHandler(context);
    if (aroundAll) {
      server.insertHandler(new JettyCorsHandler(policy));
    }
    server.setStopAtShutdown(true);
    server.start();
    Environment.listening(connector.getLocalPort());
    server.join();
  }
}
