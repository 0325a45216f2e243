package com.example.services;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.reactive.UrlHandlerFilter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The routes that are WebFlux's own. */
@RestController
class WebFluxRoutes {
  @Bean
  UrlHandlerFilter slashes() {
    return UrlHandlerFilter.trailingSlashHandler("/app/slash/")
        .redirect(HttpStatus.PERMANENT_REDIRECT)
        .build();
  }

  @GetMapping("/app/throw-late")
  Mono<Void> failLate(ServerHttpResponse response) {
    // Netty sends what is flushed only when its loop gets there, and what fails at once goes first.
    return write(
        response,
        Flux.just("part")
            .concatWith(Mono.delay(Duration.ofMillis(120)).then(Mono.error(failure()))));
  }

  @GetMapping("/app/reset")
  Mono<Void> reset(ServerHttpResponse response) {
    response.getHeaders().set("X-Before", "1");
    return Mono.error(failure());
  }

  @GetMapping("/app/stream")
  Mono<Void> stream(ServerHttpResponse response) {
    return write(response, Flux.just("one", "two", "three").delayElements(Duration.ofMillis(120)));
  }

  /** Sends each chunk at once. */
  private static Mono<Void> write(ServerHttpResponse response, Flux<String> chunks) {
    response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
    return response.writeAndFlushWith(chunks.map(chunk -> Mono.just(buffer(response, chunk))));
  }

  private static DataBuffer buffer(ServerHttpResponse response, String chunk) {
    return response.bufferFactory().wrap(chunk.getBytes(StandardCharsets.US_ASCII));
  }

  private static Exception failure() {
    return new IllegalStateException("as the test wants it");
  }

  @GetMapping("/app/vary")
  ResponseEntity<String> vary() {
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_PLAIN)
        .header("Vary", "Accept-Encoding", "Cookie, ORIGIN")
        .body("vary");
  }

  /** The codecs of WebFlux read no more than they are told to. */
  @PostMapping("/app/upload")
  ResponseEntity<String> upload(@RequestBody String body) {
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body("upload");
  }
}
