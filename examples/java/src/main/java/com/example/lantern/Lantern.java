package com.example.lantern;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * A service of Lantern Books in Spring Boot. The policy in front of it is all in
 * application.properties.
 */
@SpringBootApplication
@RestController
public class Lantern {
  private static final String ONE_ORDER = "/orders/{order}";
  private static final String ONE_STAGED_ORDER = "/staging/orders/{order}";

  public static void main(String[] arguments) {
    SpringApplication.run(Lantern.class, arguments);
  }

  @EventListener
  void listening(ServletWebServerInitializedEvent event) {
    System.out.println("listening on 127.0.0.1:" + event.getWebServer().getPort());
  }

  @GetMapping("/catalogue/{isbn}")
  Map<String, String> book(@PathVariable("isbn") String isbn) {
    return Map.of("isbn", isbn, "title", "The Lantern Bearers");
  }

  @GetMapping("/healthz")
  Map<String, Boolean> health() {
    return Map.of("healthy", true);
  }

  @GetMapping({"/orders", "/staging/orders"})
  List<Map<String, String>> orders() {
    return List.of(Map.of("order", "7"));
  }

  @PostMapping({"/orders", "/staging/orders"})
  @ResponseStatus(HttpStatus.CREATED)
  Map<String, String> placeOrder() {
    return Map.of("order", "8");
  }

  @RequestMapping(
      path = {ONE_ORDER, ONE_STAGED_ORDER},
      method = {RequestMethod.GET, RequestMethod.PUT, RequestMethod.PATCH})
  Map<String, String> oneOrder(@PathVariable("order") String order) {
    return Map.of("order", order);
  }

  @DeleteMapping({ONE_ORDER, ONE_STAGED_ORDER})
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void cancelOrder() {}

  @RequestMapping(
      path = {ONE_ORDER, ONE_STAGED_ORDER},
      method = RequestMethod.OPTIONS)
  ResponseEntity<Void> orderOptions() {
    return ResponseEntity.noContent().header("Allow", "GET, PUT, PATCH, DELETE, OPTIONS").build();
  }

  @GetMapping({ONE_ORDER + "/invoice", ONE_STAGED_ORDER + "/invoice"})
  Map<String, String> invoice(@PathVariable("order") String order) {
    return Map.of("order", order, "total", "119.88");
  }

  @GetMapping({ONE_ORDER + "/label", ONE_STAGED_ORDER + "/label"})
  void label(@PathVariable("order") String order) {
    throw new IllegalStateException("the printer is out of labels");
  }
}
