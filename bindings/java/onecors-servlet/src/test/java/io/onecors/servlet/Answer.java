package io.onecors.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A response as it came over the connection: the status, the lines of its fields, the rest. */
record Answer(int status, List<String> lines, String body) {
  /** Sends these bytes, and reads what comes until the connection ends or the answer does. */
  static Answer of(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      StringBuilder text = new StringBuilder();
      for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
        text.append((char) b);
        if (b == '\n' && text.lastIndexOf("\r\n\r\n") == text.length() - 4) {
          Answer head = parse(text.toString());
          if (head.status() == 101 || head.field("Content-Length").contains("0")) {
            return head;
          }
        }
      }
      return parse(text.toString());
    }
  }

  private static Answer parse(String text) {
    int end = text.indexOf("\r\n\r\n");
    List<String> head = new ArrayList<>(Arrays.asList(text.substring(0, end).split("\r\n")));
    int status = Integer.parseInt(head.remove(0).split(" ")[1]);
    return new Answer(status, head, text.substring(end + 4));
  }

  /** The lines of CORS fields and of Vary, in alphabetical order. */
  List<String> cors() {
    return lines.stream()
        .filter(line -> line.startsWith("Access-Control-") || line.startsWith("Vary:"))
        .sorted()
        .toList();
  }

  /** The values of a field. */
  List<String> field(String name) {
    return lines.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }
}
