package com.example.services;

import io.onecors.LivePolicy;
import io.onecors.servlet.CorsFilter;
import jakarta.servlet.ServletException;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Files;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.websocket.server.WsSci;

/** The servlets in an embedded Tomcat. */
final class Tomcat {
  private Tomcat() {}

  public static void main(String[] arguments) throws Exception {
    LivePolicy policy = Environment.policy();
    org.apache.catalina.startup.Tomcat tomcat = new org.apache.catalina.startup.Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setPort(Environment.port());
    Connector connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    // More than the engine takes of any field, so that it is the engine that refuses.
    connector.setProperty("maxHttpRequestHeaderSize", "65536");
    connector.addUpgradeProtocol(new Http2Protocol());
    Context context = tomcat.addContext("", Environment.files().toString());
    // Without it no filter is called for a path that has no servlet.
    org.apache.catalina.startup.Tomcat.addServlet(context, "default", new DefaultServlet());
    context.addServletMappingDecoded("/", "default");
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addServletContainerInitializer(
        (classes, servletContext) -> {
          CorsFilter.register(servletContext, policy);
          Routes.register(servletContext, policy);
          Object container = servletContext.getAttribute(ServerContainer.class.getName());
          try {
            ((ServerContainer) container).addEndpoint(Echo.class);
          } catch (DeploymentException e) {
            throw new ServletException(e);
          }
        },
        Set.of());
    tomcat.start();
    Environment.listening(connector.getLocalPort());
    tomcat.getServer().await();
  }
}
