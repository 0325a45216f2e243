package com.example.benches;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.util.Collection;

/**
 * The response of {@link LimitFilter}: it has the fields of the policy from the beginning, and
 * keeps them.
 */
final class LimitResponse extends HttpServletResponseWrapper {
  private final String origin;
  private final String exposed;

  LimitResponse(HttpServletResponse response, String origin, String exposed) {
    super(response);
    this.origin = origin;
    this.exposed = exposed;
    apply(response);
  }

  private void apply(HttpServletResponse response) {
    Collection<String> names = response.getHeaderNames();
    if (!names.isEmpty()) {
      names.stream().filter(LimitResponse::isOwned).forEach(name -> super.setHeader(name, null));
    }
    if (!origin.isEmpty()) {
      response.addHeader("Access-Control-Allow-Origin", origin);
      response.addHeader("Access-Control-Allow-Credentials", "true");
      response.addHeader("Access-Control-Expose-Headers", exposed);
    }
    response.addHeader("Vary", "Origin");
  }

  @Override
  public void reset() {
    super.reset();
    apply((HttpServletResponse) getResponse());
  }

  @Override
  public void setHeader(String name, String value) {
    if (name.equalsIgnoreCase("Vary")) {
      super.setHeader(name, value == null ? "Origin" : value + ", Origin");
    } else if (!isOwned(name)) {
      super.setHeader(name, value);
    }
  }

  @Override
  public void addHeader(String name, String value) {
    if (!isOwned(name)) {
      super.addHeader(name, value);
    }
  }

  private static boolean isOwned(String name) {
    return name.regionMatches(true, 0, "Access-Control-", 0, 15);
  }
}
