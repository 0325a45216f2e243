package com.example.services;

import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;

/** The echo. */
@Configuration
class WebFluxWebSocket {
  @Bean
  SimpleUrlHandlerMapping webSockets() {
    WebSocketHandler echo =
        session -> session.send(session.receive().doOnNext(WebSocketMessage::retain));
    return new SimpleUrlHandlerMapping(Map.of("/app/ws", echo), Ordered.HIGHEST_PRECEDENCE);
  }
}
