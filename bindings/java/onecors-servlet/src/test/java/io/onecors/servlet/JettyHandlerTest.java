package io.onecors.servlet;

import io.onecors.Policy;
import jakarta.servlet.ServletContext;

/** The same by a handler around the web application, whose container drops nothing then. */
class JettyHandlerTest extends FilterContract {
  @Override
  WebServer start(String contextPath, WebServer.Application application) throws Exception {
    return WebServer.jetty(contextPath, application, new JettyCorsHandler(policy()));
  }

  @Override
  void registerFilter(ServletContext context, Policy policy) {
    // The handler is in its place.
  }
}
