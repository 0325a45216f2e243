/** One CORS policy, compiled once, deciding every request. */
module io.onecors {
  exports io.onecors;
}
