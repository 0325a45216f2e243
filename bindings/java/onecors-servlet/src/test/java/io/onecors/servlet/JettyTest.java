package io.onecors.servlet;

class JettyTest extends FilterContract {
  @Override
  WebServer start(String contextPath, WebServer.Application application) throws Exception {
    return WebServer.jetty(contextPath, application);
  }
}
