/** A filter that puts a CORS policy in front of a Jakarta Servlet application. */
module io.onecors.servlet {
  requires transitive io.onecors;
  requires transitive jakarta.servlet;
  // For who puts a handler into a Jetty.
  requires static transitive org.eclipse.jetty.server;

  exports io.onecors.servlet;
}
