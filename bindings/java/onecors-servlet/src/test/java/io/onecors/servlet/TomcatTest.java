package io.onecors.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.onecors.Policy;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TomcatTest extends FilterContract {
  @Override
  WebServer start(String contextPath, WebServer.Application application) throws Exception {
    return WebServer.tomcat(contextPath, application);
  }

  /** Jetty has no upgrade to protocols of applications. */
  @Test
  void otherUpgradesKeepTheFields() throws Exception {
    HttpServlet upgrading =
        new HttpServlet() {
          private static final long serialVersionUID = 1L;

          @Override
          protected void doGet(HttpServletRequest request, HttpServletResponse response)
              throws IOException, ServletException {
            response.setHeader("Upgrade", "other");
            response.setHeader("Connection", "Upgrade");
            request.upgrade(Upgraded.class);
          }
        };
    try (Policy policy = Policy.fromJson("{\"allow_origins\": [\"https://app.example.com\"]}");
        WebServer server =
            start(
                "",
                context -> {
                  CorsFilter.register(context, policy);
                  context.addServlet("upgrading", upgrading).addMapping("/*");
                })) {
      Answer answer =
          Answer.of(
              server.port(),
              String.join(
                  "\r\n",
                  "GET / HTTP/1.1",
                  "Host: service.example",
                  "Origin: https://app.example.com",
                  "Upgrade: other",
                  "Connection: Upgrade",
                  "\r\n"));
      assertEquals(101, answer.status());
      assertEquals(
          List.of("Access-Control-Allow-Origin: https://app.example.com", "Vary: Origin"),
          answer.cors());
    }
  }

  /** A protocol that says nothing and ends. */
  public static final class Upgraded implements HttpUpgradeHandler {
    @Override
    public void init(WebConnection connection) {
      try {
        connection.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void destroy() {}
  }
}
