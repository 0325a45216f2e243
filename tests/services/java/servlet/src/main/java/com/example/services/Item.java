package com.example.services;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The plain route of each method. */
final class Item extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if ("OPTIONS".equals(request.getMethod())) {
      response.setHeader("X-Handler", "options");
      response.setHeader("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      return;
    }
    response.setHeader("ETag", "\"1\"");
    response.addHeader("Set-Cookie", "a=1");
    response.addHeader("Set-Cookie", "b=2");
    Routes.text(response, "item");
  }
}
