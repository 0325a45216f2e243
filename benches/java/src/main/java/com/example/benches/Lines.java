package com.example.benches;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The lines of JSON on standard output. */
final class Lines {
  static final ObjectMapper JSON = new ObjectMapper();

  private Lines() {}

  static ObjectNode of(String part) {
    return JSON.createObjectNode().put("part", part);
  }

  static void print(ObjectNode line) {
    System.out.println(line);
    System.out.flush();
  }
}
