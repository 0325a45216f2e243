/**
 * A filter that puts a CORS policy in front of a Jakarta Servlet application, for Servlet 5 and
 * later.
 */
package io.onecors.servlet;
