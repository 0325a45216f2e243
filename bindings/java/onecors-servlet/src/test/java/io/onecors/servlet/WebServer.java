package io.onecors.servlet;

import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.File;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.websocket.server.WsSci;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A servlet container on a port of its own, with one web application. */
record WebServer(int port, Stop stop) implements AutoCloseable {
  /** What ends a container. */
  interface Stop {
    void run() throws Exception;
  }

  /** What a test registers in its web application. */
  interface Application {
    void register(ServletContext context) throws ServletException, DeploymentException;
  }

  static ServerContainer websockets(ServletContext context) {
    return (ServerContainer) context.getAttribute(ServerContainer.class.getName());
  }

  static WebServer tomcat(String contextPath, Application application) throws LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(new File("target/tomcat").getAbsolutePath());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext(contextPath, null);
    context.addServletContainerInitializer(new WsSci(), Set.of());
    context.addServletContainerInitializer(initializer(application), Set.of());
    ErrorPage teapot = new ErrorPage();
    teapot.setErrorCode(418);
    teapot.setLocation("/error-page");
    context.addErrorPage(teapot);
    ErrorPage exception = new ErrorPage();
    exception.setExceptionType(PageException.class.getName());
    exception.setLocation("/error-page");
    context.addErrorPage(exception);
    tomcat.start();
    return new WebServer(
        tomcat.getConnector().getLocalPort(),
        () -> {
          tomcat.stop();
          tomcat.destroy();
        });
  }

  static WebServer jetty(String contextPath, Application application, Handler.Wrapper... handlers)
      throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler(contextPath);
    ErrorPageErrorHandler pages = new ErrorPageErrorHandler();
    pages.addErrorPage(418, "/error-page");
    pages.addErrorPage(PageException.class, "/error-page");
    context.setErrorHandler(pages);
    JakartaWebSocketServletContainerInitializer.configure(
        context,
        (servletContext, container) -> {
          try {
            application.register(servletContext);
          } catch (ServletException e) {
            throw new DeploymentException("", e);
          }
        });
    server.setHandler(context);
    for (Handler.Wrapper handler : handlers) {
      server.insertHandler(handler);
    }
    server.start();
    return new WebServer(connector.getLocalPort(), server::stop);
  }

  private static ServletContainerInitializer initializer(Application application) {
    return (classes, context) -> {
      try {
        application.register(context);
      } catch (DeploymentException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  Answer send(String... lines) throws Exception {
    return Answer.of(port, String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n");
  }

  @Override
  public void close() {
    try {
      stop.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the container has an error page for. */
  static final class PageException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
