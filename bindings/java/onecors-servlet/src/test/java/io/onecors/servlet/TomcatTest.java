package io.onecors.servlet;

class TomcatTest extends FilterContract {
  @Override
  WebServer start(String contextPath, WebServer.Application application) throws Exception {
    return WebServer.tomcat(contextPath, application);
  }
}
