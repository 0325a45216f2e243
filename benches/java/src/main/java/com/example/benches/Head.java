package com.example.benches;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.apache.tomcat.util.http.MimeHeaders;

/** The head of a request as it stands in the buffer of a connection, and where its parts are. */
final class Head {
  private final byte[] method;
  private final byte[] bytes;

  /** Of each field where its name and its value begin, and how long they are. */
  private final int[] places;

  Head(String method, Map<String, String> fields) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    this.method = method.getBytes(US_ASCII);
    places = new int[fields.size() * 4];
    int at = 0;
    for (Map.Entry<String, String> field : fields.entrySet()) {
      places[at++] = text.size();
      places[at++] = field.getKey().length();
      text.writeBytes((field.getKey() + ": ").getBytes(US_ASCII));
      places[at++] = text.size();
      places[at++] = field.getValue().length();
      text.writeBytes((field.getValue() + "\r\n").getBytes(US_ASCII));
    }
    bytes = text.toByteArray();
  }

  /** Does what is left of the connector's parser when the bounds of all parts are known. */
  void fill(org.apache.coyote.Request request) {
    request.setMethod(method, 0, method.length);
    MimeHeaders fields = request.getMimeHeaders();
    for (int at = 0; at < places.length; at += 4) {
      fields
          .addValue(bytes, places[at], places[at + 1])
          .setBytes(bytes, places[at + 2], places[at + 3]);
    }
  }
}
