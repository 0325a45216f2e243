package io.onecors.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onecors.Policy;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the filter does in any servlet container; each has a subclass that starts it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FilterContract {
  private static final String DOCUMENT =
      """
      {"rules": [
        {"name": "app", "paths": ["/app/*", "/up/app/*"],
         "allow_origins": ["https://app.example.com"], "allow_credentials": true,
         "allow_methods": ["PUT"], "expose_headers": ["etag"]},
        {"name": "open", "paths": ["/open/*"], "allow_origins": ["*"]}
      ]}
      """;

  private static final String ORIGIN = "Origin: https://app.example.com";
  private static final String EVIL = "Origin: https://evil.example";
  private static final String HOST = "Host: service.example";

  private static final List<String> ALLOWED =
      List.of(
          "Access-Control-Allow-Credentials: true",
          "Access-Control-Allow-Origin: https://app.example.com",
          "Access-Control-Expose-Headers: etag",
          "Vary: Origin");

  private final Policy policy = Policy.fromJson(DOCUMENT);
  private WebServer server;

  abstract WebServer start(String contextPath, WebServer.Application application) throws Exception;

  Policy policy() {
    return policy;
  }

  void registerFilter(ServletContext context, Policy policy) {
    CorsFilter.register(context, policy);
  }

  /** The lines of CORS fields and of Vary that count. */
  List<String> cors(Answer answer) {
    return answer.cors();
  }

  @BeforeAll
  void startServer() throws Exception {
    server = start("", this::register);
  }

  @AfterAll
  void stopServer() {
    server.close();
    policy.close();
  }

  private interface Handler {
    void handle(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  private static void handle(ServletContext context, String path, Handler handler) {
    Servlet servlet =
        new HttpServlet() {
          private static final long serialVersionUID = 1L;

          @Override
          protected void service(HttpServletRequest request, HttpServletResponse response)
              throws IOException, ServletException {
            handler.handle(request, response);
          }
        };
    ServletRegistration.Dynamic registration = context.addServlet(path, servlet);
    registration.addMapping(path);
    registration.setAsyncSupported(true);
  }

  private void register(ServletContext context) throws DeploymentException {
    Filter authentication =
        (request, response, chain) -> {
          if (((HttpServletRequest) request).getHeader("Authorization") == null) {
            ((HttpServletResponse) response).sendError(401);
          } else {
            chain.doFilter(request, response);
          }
        };
    var registration = context.addFilter("authentication", authentication);
    registration.setAsyncSupported(true);
    registration.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/app/private");

    // Registered last, and in front all the same.
    registerFilter(context, policy);

    Handler item = (request, response) -> response.getWriter().print(request.getMethod());
    handle(context, "/app/*", item);
    handle(context, "/open/*", item);
    handle(context, "/plain", FilterContract::ownHeaders);
    handle(context, "/app/missing", (request, response) -> response.sendError(404));
    handle(context, "/app/private", item);
    handle(context, "/app/own", FilterContract::ownHeaders);
    handle(context, "/app/vary", FilterContract::vary);
    handle(context, "/app/vary-star", (request, response) -> response.addHeader("Vary", "*"));
    handle(
        context,
        "/app/throw",
        (request, response) -> {
          response.setHeader("X-Before", "1");
          response.getWriter().print("part");
          throw new IllegalStateException("the handler failed");
        });
    handle(
        context,
        "/app/throw-to-page",
        (request, response) -> {
          throw new WebServer.PageException();
        });
    handle(
        context,
        "/app/throw-late",
        (request, response) -> {
          response.getWriter().print("part");
          response.flushBuffer();
          throw new IllegalStateException("the handler failed late");
        });
    handle(context, "/app/teapot", (request, response) -> response.sendError(418));
    handle(context, "/error-page", FilterContract::errorPage);
    handle(context, "/app/redirect", (request, response) -> response.sendRedirect("/app/item"));
    handle(context, "/app/reset", FilterContract::reset);
    handle(
        context,
        "/app/forward",
        (request, response) -> request.getRequestDispatcher("/app/own").forward(request, response));
    handle(
        context,
        "/app/include",
        (request, response) -> request.getRequestDispatcher("/app/own").include(request, response));
    handle(context, "/app/async", FilterContract::async);
    handle(context, "/app/async-timeout", (request, response) -> startAsync(request, 200));
    handle(context, "/app/async-error", FilterContract::asyncError);
    WebServer.websockets(context)
        .addEndpoint(ServerEndpointConfig.Builder.create(Echo.class, "/app/ws").build());
  }

  private static void ownHeaders(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Access-Control-Allow-Origin", "https://wrong.example");
    response.addHeader("access-control-allow-origin", "https://wrong.example");
    response.addHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("ACCESS-CONTROL-EXPOSE-HEADERS", "x-own");
    response.setIntHeader("Access-Control-Max-Age", 1);
    response.addIntHeader("Access-Control-Max-Age", 1);
    response.setDateHeader("Access-Control-Allow-Date", 1);
    response.addDateHeader("Access-Control-Allow-Date", 1);
    response.getWriter().print("own");
  }

  private static void vary(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("Vary", "Dropped");
    response.setHeader("vary", "Accept-Encoding");
    response.addHeader("VARY", "Cookie, ORIGIN");
  }

  private static void reset(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("X-Before", "1");
    response.setHeader("Vary", "Before");
    response.getWriter().print("before");
    response.reset();
    response.setStatus(500);
    response.getWriter().print("after");
  }

  private static void errorPage(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Access-Control-Allow-Origin", "https://wrong.example");
    response.getWriter().print("the error page");
  }

  private static AsyncContext startAsync(HttpServletRequest request, long timeout) {
    AsyncContext async = request.startAsync();
    async.setTimeout(timeout);
    return async;
  }

  /** The first time it is dispatched anew, and then completes in another thread. */
  private static void async(HttpServletRequest request, HttpServletResponse response) {
    AsyncContext async = startAsync(request, 20_000);
    if (request.getDispatcherType() == DispatcherType.REQUEST) {
      CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(async::dispatch);
      return;
    }
    CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              try {
                ownHeaders(request, (HttpServletResponse) async.getResponse());
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              async.complete();
            });
  }

  private static void asyncError(HttpServletRequest request, HttpServletResponse response) {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      throw new IllegalStateException("the handler failed asynchronously");
    }
    AsyncContext async = startAsync(request, 20_000);
    CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(async::dispatch);
  }

  /** Sends back what it gets. */
  @ServerEndpoint("/app/ws")
  public static final class Echo {
    /**
     * Sends a message back.
     *
     * @param message what came
     * @param session where it came from
     * @return the message
     */
    @OnMessage
    public String echo(String message, Session session) {
      return message;
    }
  }

  private Answer get(String path, String... fields) throws Exception {
    return send("GET " + path, fields);
  }

  private Answer send(String start, String... fields) throws Exception {
    return server.send(start + " HTTP/1.1", HOST, String.join("\r\n", fields));
  }

  @ParameterizedTest
  @CsvSource({
    "/app/item, 200, GET",
    "/app/missing, 404, *",
    "/app/private, 401, *",
    "/app/redirect, 302, *",
    "/app/throw, 500, *",
    "/app/throw-to-page, 500, the error page",
    "/app/teapot, 418, the error page",
    "/app/reset, 500, after",
    "/app/own, 200, own",
    "/app/forward, 200, own",
    "/app/include, 200, own",
    "/app/async, 200, own",
    "/app/async-timeout, 500, *",
    "/app/async-error, 500, *",
    "/app/throw-late, 200, *",
  })
  void everyAnswerHasTheFieldsOfThePolicyAndNoOthers(String path, int status, String body)
      throws Exception {
    Answer answer = get(path, ORIGIN);
    assertEquals(ALLOWED, cors(answer), answer::toString);
    assertEquals(status, answer.status());
    assertTrue(body.equals("*") || answer.body().contains(body), answer::toString);

    Answer denied = get(path, EVIL);
    assertEquals(List.of("Vary: Origin"), cors(denied), denied::toString);
    assertEquals(status, denied.status());
  }

  @Test
  void whatTheApplicationVariesByIsMerged() throws Exception {
    assertEquals(List.of("Accept-Encoding, Cookie, ORIGIN"), join(get("/app/vary", ORIGIN)));
    assertEquals(List.of("*"), get("/app/vary-star", ORIGIN).field("Vary"));
    assertEquals(List.of("Origin"), get("/app/reset", ORIGIN).field("Vary"));
  }

  private static List<String> join(Answer answer) {
    return List.of(String.join(", ", answer.field("Vary")));
  }

  @Test
  void aPreflightIsAnsweredBeforeAnythingElse() throws Exception {
    for (String path : List.of("/app/item", "/app/private", "/app/throw", "/app/none")) {
      Answer answer = send("OPTIONS " + path, ORIGIN, "Access-Control-Request-Method: PUT");
      assertEquals(204, answer.status());
      assertEquals(List.of("PUT"), answer.field("Access-Control-Allow-Methods"));
      assertEquals("", answer.body());

      Answer denied = send("OPTIONS " + path, EVIL, "Access-Control-Request-Method: PUT");
      assertEquals(403, denied.status());
      assertEquals(List.of("0"), denied.field("Content-Length"));
      assertEquals(
          List.of("Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
          denied.cors());
      assertEquals("", denied.body());
    }
  }

  @Test
  void aPlainOptionsReachesTheApplication() throws Exception {
    assertEquals("OPTIONS", send("OPTIONS /app/item", ORIGIN).body());
  }

  @Test
  void doubledFieldsAreJoinedAndSoDenied() throws Exception {
    assertEquals(List.of("Vary: Origin"), get("/app/item", ORIGIN, ORIGIN).cors());
    assertEquals(List.of("Vary: Origin"), get("/app/item", "Origin: \u00e9\u0080").cors());
    assertEquals(List.of("Vary: Origin"), get("/app/item", "Origin:").cors());
  }

  @Test
  void whatNoRuleGovernsIsLeftAlone() throws Exception {
    Answer answer = get("/plain", ORIGIN);
    assertEquals(2, answer.field("Access-Control-Allow-Origin").size(), answer::toString);
    assertEquals(List.of(), answer.field("Vary"));
    assertEquals(List.of(), get("/none", ORIGIN).cors());
  }

  /** The path of another rule than the handler's must not lend a response its fields. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/open%2Fitem",
        "/open/../app/item",
        "/open/%2e%2e/app/item",
        "/open/..%2fapp/item",
        "/open/..;/app/item",
        "/open;x=1/../app/item",
        "/%61pp/item",
        "/app;x=1/item",
        "/app/item;x=/open/",
        "//app/item",
        "//open/../app/item",
        "/app//item",
        "/app/./item",
        "/open\\..\\app/item",
        "/app%00/item",
        "/APP/item",
        "http://service.example/app/item"
      })
  void theRuleIsTheHandlers(String path) throws Exception {
    Answer answer = get(path, EVIL);
    boolean handled = answer.status() == 200;
    assertFalse(answer.cors().contains("Access-Control-Allow-Origin: *"), answer::toString);
    if (handled) {
      assertEquals(List.of("Vary: Origin"), answer.cors(), answer::toString);
    }
  }

  @Test
  void aPathThatCanBeReadInTwoWaysIsGrantedNothing() throws Exception {
    String path = "/open/../app/own";
    assertEquals(List.of("Vary: Origin"), get(path, ORIGIN).cors());
    assertEquals(
        403, send("OPTIONS " + path, ORIGIN, "Access-Control-Request-Method: PUT").status());
    assertEquals(403, handshake("/open/../app/ws", ORIGIN, "Upgrade: websocket").status());
    assertEquals(101, handshake("/open/../app/ws", "X-None: 1", "Upgrade: websocket").status());
  }

  @Test
  void theContextPathIsPartOfThePath() throws Exception {
    try (WebServer up = start("/up", this::register)) {
      for (String path : List.of("/up/app/item", "/%75p/app/item", "/up;x=1/app/item")) {
        Answer answer = up.send("GET " + path + " HTTP/1.1", HOST, ORIGIN);
        assertTrue(answer.cors().equals(ALLOWED) || answer.status() >= 400, path + ": " + answer);
      }
      assertEquals(ALLOWED, up.send("GET /up/app/item HTTP/1.1", HOST, ORIGIN).cors());
      assertEquals(List.of(), up.send("GET /up/open/item HTTP/1.1", HOST, ORIGIN).cors());
    }
  }

  @Test
  void aHandshakeIsCheckedBeforeItIsAccepted() throws Exception {
    String upgrade = "Upgrade: websocket";
    assertEquals(101, handshake("/app/ws", ORIGIN, upgrade).status());
    assertEquals(101, handshake("/app/ws", "X-None: 1", upgrade).status());
    assertEquals(101, handshake("/app/ws", "Origin: https://service.example", upgrade).status());
    for (String origin :
        List.of(EVIL, "Origin: null", "Origin: https://service.example:444", ORIGIN + ", x")) {
      assertEquals(403, handshake("/app/ws", origin, upgrade).status(), origin);
      assertEquals(403, handshake("/app/ws", origin, "Upgrade: h2c, WebSocket").status(), origin);
      assertEquals(
          403, handshake("/app/ws", origin, "Upgrade: h2c\r\nUpgrade: WebSocket").status(), origin);
    }
  }

  private Answer handshake(String path, String origin, String upgrade) throws Exception {
    return Answer.of(
        server.port(),
        String.join(
            "\r\n",
            "GET " + path + " HTTP/1.1",
            HOST,
            origin,
            upgrade,
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "\r\n"));
  }
}
