package com.example.services;

import io.onecors.LivePolicy;
import io.onecors.PolicyException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.EnumSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The routes of the contract, as servlets. */
public final class Routes {
  private static final int MAX_UPLOAD = 64 * 1024;

  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
          });

  private Routes() {}

  /** What answers a request, whatever its method. */
  private interface Handler {
    void handle(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  /** Registers the servlets, and what authenticates. */
  public static void register(ServletContext context, LivePolicy policy) {
    var authentication = context.addFilter("authentication", new Authentication());
    authentication.setAsyncSupported(true);
    authentication.addMappingForUrlPatterns(
        EnumSet.of(DispatcherType.REQUEST), true, "/app/private");

    add(context, "/app/item", new Item());
    add(context, "/app/get-only", new GetOnly());
    handle(context, "/app/throw", (request, response) -> fail());
    handle(context, "/app/throw-late", Routes::throwLate);
    handle(context, "/app/reset", Routes::reset);
    handle(context, "/app/private", (request, response) -> text(response, "private"));
    handle(context, "/app/redirect", (request, response) -> response.sendRedirect("/app/item"));
    handle(context, "/app/stream", Routes::stream);
    handle(context, "/app/vary", Routes::vary);
    handle(context, "/app/vary-star", Routes::varyStar);
    handle(context, "/app/own", Routes::own);
    handle(context, "/app/upload", Routes::upload);
    handle(context, "/app/slow", Routes::slow);
    handle(context, "/open/item", (request, response) -> text(response, "open"));
    handle(context, "/plain", Routes::plain);
    handle(context, "/-/replace", (request, response) -> replace(policy, request, response));
  }

  private static void handle(ServletContext context, String path, Handler handler) {
    add(
        context,
        path,
        new HttpServlet() {
          private static final long serialVersionUID = 1L;

          @Override
          protected void service(HttpServletRequest request, HttpServletResponse response)
              throws IOException, ServletException {
            handler.handle(request, response);
          }
        });
  }

  private static void add(ServletContext context, String path, HttpServlet servlet) {
    ServletRegistration.Dynamic registration = context.addServlet(path, servlet);
    registration.addMapping(path);
    registration.setAsyncSupported(true);
  }

  static void text(HttpServletResponse response, String body) throws IOException {
    response.setContentType("text/plain");
    response.getWriter().print(body);
  }

  private static void fail() {
    throw new IllegalStateException("the handler failed");
  }

  private static void throwLate(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    text(response, "part");
    response.flushBuffer();
    fail();
  }

  /** The container takes back the body, and writes an error page. */
  private static void reset(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("X-Before", "1");
    text(response, "before");
    response.reset();
    response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  private static void stream(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/plain");
    Writer writer = response.getWriter();
    for (String chunk : new String[] {"one", "two", "three"}) {
      writer.write(chunk);
      response.flushBuffer();
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(120);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void vary(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Vary", "Accept-Encoding");
    response.addHeader("Vary", "Cookie, ORIGIN");
    text(response, "vary");
  }

  private static void varyStar(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Vary", "*");
    text(response, "vary");
  }

  private static void own(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Access-Control-Allow-Origin", "https://wrong.example");
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Expose-Headers", "x-own");
    response.setHeader("Access-Control-Max-Age", "1");
    text(response, "own");
  }

  /** Containers limit forms alone. */
  private static void upload(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try (InputStream body = request.getInputStream()) {
      if (body.readNBytes(MAX_UPLOAD + 1).length > MAX_UPLOAD) {
        response.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
        return;
      }
    }
    text(response, "upload");
  }

  private static void slow(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      text(response, "slow");
      return;
    }
    AsyncContext async = request.startAsync();
    TIMER.schedule(() -> async.dispatch(), 500, TimeUnit.MILLISECONDS);
  }

  private static void plain(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Access-Control-Allow-Origin", "https://own.example");
    text(response, "plain");
  }

  private static void replace(
      LivePolicy policy, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      policy.replace(request.getInputStream().readAllBytes());
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } catch (PolicyException e) {
      response.setStatus(422);
      text(response, e.getMessage());
    }
  }
}
