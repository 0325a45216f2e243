package io.onecors.spring.boot;

/**
 * A place where Spring's own CORS support is active.
 *
 * @param where what it is and where it is
 * @param action what to remove
 */
record SpringCors(String where, String action) {}
