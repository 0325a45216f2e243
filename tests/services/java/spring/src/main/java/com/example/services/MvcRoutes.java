package com.example.services;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.UrlHandlerFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;

/** The routes that are Spring MVC's own. */
@RestController
class MvcRoutes {
  private static final int LIMIT = 64 * 1024;
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(120, TimeUnit.MILLISECONDS);

  @Bean
  UrlHandlerFilter slashes() {
    return UrlHandlerFilter.trailingSlashHandler("/app/slash/")
        .redirect(HttpStatus.PERMANENT_REDIRECT)
        .build();
  }

  @GetMapping("/app/throw-late")
  void failLate(HttpServletResponse response) throws IOException {
    response.setContentType("text/plain");
    response.getOutputStream().write("part".getBytes(StandardCharsets.US_ASCII));
    response.flushBuffer();
    throw new IllegalStateException("as the test wants it");
  }

  @GetMapping("/app/reset")
  void reset(HttpServletResponse response) throws IOException {
    response.setHeader("X-Before", "1");
    response.reset();
    response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  @GetMapping("/app/stream")
  ResponseEntity<ResponseBodyEmitter> stream() {
    ResponseBodyEmitter emitter = new ResponseBodyEmitter();
    CompletableFuture.runAsync(() -> send(emitter, "one"))
        .thenRunAsync(() -> send(emitter, "two"), LATER)
        .thenRunAsync(() -> send(emitter, "three"), LATER)
        .whenComplete((nothing, failure) -> end(emitter, failure));
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(emitter);
  }

  private static void send(ResponseBodyEmitter emitter, String chunk) {
    try {
      emitter.send(chunk, MediaType.TEXT_PLAIN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(ResponseBodyEmitter emitter, Throwable failure) {
    if (failure == null) {
      emitter.complete();
    } else {
      emitter.completeWithError(failure);
    }
  }

  /** Not by a ResponseEntity, whose Vary Spring merges with what it finds in its own way. */
  @GetMapping("/app/vary")
  void vary(HttpServletResponse response) throws IOException {
    response.setContentType("text/plain");
    response.addHeader("Vary", "Accept-Encoding");
    response.addHeader("Vary", "Cookie, ORIGIN");
    response.getWriter().write("vary");
  }

  /** Neither Tomcat nor Jetty limits a body that is no form. */
  @PostMapping("/app/upload")
  ResponseEntity<String> upload(HttpServletRequest request) throws IOException {
    try (InputStream in = request.getInputStream()) {
      if (in.readNBytes(LIMIT + 1).length > LIMIT) {
        throw new ResponseStatusException(HttpStatusCode.valueOf(413));
      }
    }
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body("upload");
  }
}
