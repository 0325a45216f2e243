package com.example.services;

import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerEndpoint;

/** Sends back what it gets. */
@ServerEndpoint("/app/ws")
public final class Echo {
  /** Sends a message back. */
  @OnMessage
  public String echo(String message) {
    return message;
  }
}
