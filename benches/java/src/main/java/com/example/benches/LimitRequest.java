package com.example.benches;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;

/** A request that goes on asynchronously with the response of {@link LimitFilter}. */
final class LimitRequest extends HttpServletRequestWrapper {
  private final HttpServletResponse response;

  LimitRequest(HttpServletRequest request, HttpServletResponse response) {
    super(request);
    this.response = response;
  }

  @Override
  public AsyncContext startAsync() {
    return startAsync(this, response);
  }
}
