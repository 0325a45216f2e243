/**
 * One CORS policy, compiled once, deciding every request.
 *
 * <p>A {@link io.onecors.Policy} is loaded from a document or built in code. For each request it
 * gives a {@link io.onecors.Verdict}, whose {@link io.onecors.Plan} says what to do to the
 * response.
 *
 * <p>Where a parameter may be null, its description says so.
 */
package io.onecors;
