package com.example.services;

import io.onecors.LivePolicy;
import io.onecors.PolicyException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** The routes that Spring MVC and WebFlux write in the same way. */
@RestController
class Routes {
  private final LivePolicy policy;

  Routes(LivePolicy policy) {
    this.policy = policy;
  }

  private static ResponseEntity.BodyBuilder ok() {
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN);
  }

  @RequestMapping(
      path = "/app/item",
      method = {
        RequestMethod.GET,
        RequestMethod.POST,
        RequestMethod.PUT,
        RequestMethod.PATCH,
        RequestMethod.DELETE
      })
  ResponseEntity<String> item() {
    return ok().eTag("\"1\"").header("Set-Cookie", "a=1", "b=2").body("item");
  }

  @RequestMapping(path = "/app/item", method = RequestMethod.OPTIONS)
  ResponseEntity<Void> itemOptions() {
    return ResponseEntity.noContent()
        .header("X-Handler", "options")
        .header("Allow", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
        .build();
  }

  @GetMapping("/app/get-only")
  ResponseEntity<String> getOnly() {
    return ok().body("get-only");
  }

  @GetMapping("/app/throw")
  String fail() {
    throw new IllegalStateException("as the test wants it");
  }

  /** Spring Security lets only those through that it knows. */
  @RequestMapping("/app/private")
  ResponseEntity<String> privateItem() {
    return ok().body("private");
  }

  @GetMapping("/app/redirect")
  ResponseEntity<Void> redirect() {
    return ResponseEntity.status(HttpStatus.FOUND).location(URI.create("/app/item")).build();
  }

  @GetMapping("/app/slash")
  ResponseEntity<String> slash() {
    return ok().body("slash");
  }

  @GetMapping("/app/vary-star")
  ResponseEntity<String> varyStar() {
    return ok().header("Vary", "*").body("vary");
  }

  @GetMapping("/app/own")
  ResponseEntity<String> own() {
    return ok().header("Access-Control-Allow-Origin", "https://wrong.example")
        .header("Access-Control-Allow-Credentials", "true")
        .header("Access-Control-Expose-Headers", "x-own")
        .header("Access-Control-Max-Age", "1")
        .body("own");
  }

  @GetMapping("/app/slow")
  CompletableFuture<ResponseEntity<String>> slow() {
    return CompletableFuture.supplyAsync(
        () -> ok().body("slow"), CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));
  }

  @GetMapping("/open/item")
  ResponseEntity<String> open() {
    return ok().body("open");
  }

  @GetMapping("/plain")
  ResponseEntity<String> plain() {
    return ok().header("Access-Control-Allow-Origin", "https://own.example").body("plain");
  }

  @PostMapping("/-/replace")
  ResponseEntity<String> replace(@RequestBody(required = false) byte[] document) {
    try {
      policy.replace(document == null ? new byte[0] : document);
      return ResponseEntity.noContent().build();
    } catch (PolicyException e) {
      return ResponseEntity.status(422).contentType(MediaType.TEXT_PLAIN).body(e.getMessage());
    }
  }
}
