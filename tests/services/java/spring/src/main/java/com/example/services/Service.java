package com.example.services;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;

/** The service in Spring Boot: with Spring MVC or with WebFlux, whichever is there. */
@SpringBootApplication
public class Service {
  public static void main(String[] arguments) {
    SpringApplication.run(Service.class, arguments);
  }

  @EventListener
  void ready(ApplicationReadyEvent event) {
    String port =
        event.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port");
    System.out.println("listening on 127.0.0.1:" + port);
  }
}
