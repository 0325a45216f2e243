package io.onecors.servlet;

/** A request as a server has it; each part is read when it is asked for. */
interface Incoming {
  String method();

  /** The path that the server routes on; null when it cannot be known. */
  String path();

  /** The lines of a field as one value; null when there are none. */
  String field(String name);

  /** The value of {@code Host}, or what stands in its place; null when there is none. */
  String host();
}
