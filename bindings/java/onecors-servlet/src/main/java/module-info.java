/** A filter that puts a CORS policy in front of a Jakarta Servlet application. */
module io.onecors.servlet {
  requires transitive io.onecors;
  requires transitive jakarta.servlet;

  exports io.onecors.servlet;
}
