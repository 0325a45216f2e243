package io.onecors.spring.boot;

import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** The handlers of the tests, the same in Spring MVC and in WebFlux. */
@RestController
class Routes {
  @GetMapping("/app/item")
  ResponseEntity<String> item() {
    return ResponseEntity.ok().header("ETag", "\"1\"").body("item");
  }

  @RequestMapping(path = "/app/item", method = RequestMethod.OPTIONS)
  ResponseEntity<Void> options() {
    return ResponseEntity.noContent().header("X-Handler", "options").build();
  }

  @GetMapping("/app/below/{*rest}")
  String below(@PathVariable("rest") String rest) {
    return "below";
  }

  @GetMapping("/app/throw")
  String fail() {
    throw new IllegalStateException("thrown by a handler, as the test wants it");
  }

  @GetMapping("/app/status")
  String status() {
    throw new ResponseStatusException(HttpStatus.CONFLICT);
  }

  @GetMapping("/app/own")
  ResponseEntity<String> own() {
    return ResponseEntity.ok()
        .header("Access-Control-Allow-Origin", "https://wrong.example", "https://app.example.com")
        .header("access-control-allow-credentials", "true")
        .header("Access-Control-Max-Age", "1")
        .header("Access-Control-Expose-Headers", "x-own")
        .header("Set-Cookie", "a=1", "b=2")
        .header("Vary", "Accept-Encoding", "Cookie, ORIGIN")
        .body("own");
  }

  @GetMapping("/app/async")
  CompletableFuture<String> async() {
    return CompletableFuture.supplyAsync(() -> "async");
  }

  @GetMapping("/app/async-throw")
  CompletableFuture<String> asyncThrow() {
    return CompletableFuture.supplyAsync(this::fail);
  }

  @PostMapping("/app/form")
  String form() {
    return "form";
  }

  @GetMapping("/open/item")
  String open() {
    return "open";
  }

  @GetMapping("/plain")
  ResponseEntity<String> plain() {
    return ResponseEntity.ok()
        .header("Access-Control-Allow-Origin", "https://own.example")
        .body("plain");
  }
}
