package io.onecors.servlet;

import io.onecors.ResponseHeaders;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;

/** The header fields of a response of a servlet container. */
record ResponseFields(HttpServletResponse response) implements ResponseHeaders {
  @Override
  public Collection<String> names() {
    return response.getHeaderNames();
  }

  @Override
  public Collection<String> get(String name) {
    return response.getHeaders(name);
  }

  @Override
  public void set(String name, String value) {
    response.setHeader(name, value);
  }

  @Override
  public void add(String name, String value) {
    response.addHeader(name, value);
  }

  @Override
  public void remove(String name) {
    response.setHeader(name, null);
    if (response.containsHeader(name)) {
      // Before Servlet 6.1 null means nothing to Tomcat. No browser takes an empty value.
      response.setHeader(name, "");
    }
  }
}
