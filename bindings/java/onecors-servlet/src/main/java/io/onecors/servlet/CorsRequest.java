package io.onecors.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/**
 * A request whose asynchronous processing goes on with the governed response. {@code startAsync()}
 * would otherwise go on with the container's own.
 */
final class CorsRequest extends HttpServletRequestWrapper {
  private final CorsResponse response;

  CorsRequest(HttpServletRequest request, CorsResponse response) {
    super(request);
    this.response = response;
  }

  @Override
  public AsyncContext startAsync() {
    return startAsync(this, response);
  }
}
