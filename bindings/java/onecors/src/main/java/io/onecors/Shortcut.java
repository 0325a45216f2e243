package io.onecors;

import java.util.HashSet;
import java.util.Set;

/**
 * What a policy without path patterns decides on the requests that are most common, so that they
 * need no call to the engine: those without {@code Origin}, and the actual ones of its exact
 * origins.
 *
 * <p>All of it comes from the engine when the policy is loaded. The origins are the document's
 * alone, never a request's, and a document with more than {@link #MOST_ORIGINS} has none here: as
 * strings they would need several times the memory that the engine needs.
 *
 * @param notCors the verdict on every request without {@code Origin}
 * @param actualAllowed the verdict on every request that is not {@code OPTIONS} and whose {@code
 *     Origin} is one of the origins
 * @param origins the exact origins
 */
record Shortcut(Verdict notCors, Verdict actualAllowed, Set<String> origins) {
  static final int MOST_ORIGINS = 10_000;

  /** Reads what {@link Native#uniform} returns. */
  static Shortcut unpack(byte[] uniform, Verdicts verdicts) {
    if (uniform == null) {
      return null;
    }
    Unpacker unpacker = new Unpacker(uniform);
    return new Shortcut(
        verdicts.of(unpacker.number()),
        verdicts.of(unpacker.number()),
        new HashSet<>(unpacker.list(unpacker::text)));
  }

  /** The verdict on a request; null when the engine has to be asked. */
  Verdict find(String method, String origin) {
    if (origin == null) {
      return notCors;
    }
    return !"OPTIONS".equals(method) && origins.contains(origin) ? actualAllowed : null;
  }
}
