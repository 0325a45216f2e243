package io.onecors;

import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs the denials of an adapter at warning: each distinct verdict and origin once, and at most
 * 1,000 of them for each policy. Safe to use from any number of threads at once.
 *
 * <p>The text is one escaped line: what was denied, by which rule, why, and the nearest miss. It is
 * for the operator, and never belongs into a response.
 */
public final class DenialLog {
  private static final int MAX_KEYS = 1_000;

  /** How many characters of an origin tell it from others. */
  private static final int MAX_ORIGIN = 512;

  private final System.Logger logger;

  /** A policy begins anew, and one that is replaced is forgotten with what was logged of it. */
  private final Map<Policy, Seen> seen = Collections.synchronizedMap(new WeakHashMap<>());

  /** That of the policy that was asked about last, which nearly always is the one in force. */
  private volatile Seen last = new Seen(null);

  /**
   * A log that has seen nothing.
   *
   * @param logger where to log to, usually {@code System.getLogger("io.onecors")}. What it throws
   *     is dropped
   */
  public DenialLog(System.Logger logger) {
    this.logger = Objects.requireNonNull(logger, "logger");
  }

  /**
   * Whether {@link #report} would look any further at a verdict: a denial that was not logged yet.
   * It is quick, so that what {@code report} needs can be made when it is needed.
   *
   * @param policy the policy that decided
   * @param verdict its verdict
   * @param request the request that it decided on
   * @return whether to call {@code report}
   */
  public boolean isNew(Policy policy, Verdict verdict, Request request) {
    return verdict.reason().isPresent() && of(policy).isNew(Key.of(verdict, request.origin()));
  }

  /**
   * Logs a verdict, if it is a denial that is new. One of a request from the same origin is left
   * out, since that is no cross-origin request at all.
   *
   * @param policy the policy that decided
   * @param verdict its verdict
   * @param request the request that it decided on
   * @param host the value of {@code Host}; null when absent
   */
  public void report(Policy policy, Verdict verdict, Request request, String host) {
    if (verdict.reason().isEmpty()) {
      return;
    }
    Key key = Key.of(verdict, request.origin());
    Seen ofPolicy = of(policy);
    if (!ofPolicy.isNew(key) || isSameOrigin(policy, verdict, request, host)) {
      return;
    }
    int number = ofPolicy.add(key);
    if (number > 0) {
      warn(policy.summary(request));
    }
    if (number == MAX_KEYS) {
      warn("no more denials are logged until the policy is replaced");
    }
  }

  private Seen of(Policy policy) {
    Seen candidate = last;
    if (!candidate.policy.refersTo(policy)) {
      last = candidate = seen.computeIfAbsent(policy, Seen::new);
    }
    return candidate;
  }

  private static boolean isSameOrigin(
      Policy policy, Verdict verdict, Request request, String host) {
    return verdict.reason().equals(Optional.of(Reason.ORIGIN_NOT_ALLOWED))
        && policy.checkOrigin(request.path(), request.origin(), host);
  }

  private void warn(String text) {
    Log.write(logger, System.Logger.Level.WARNING, "onecors: " + text);
  }

  /** What was logged of one policy. */
  private static final class Seen {
    final WeakReference<Policy> policy;
    private final Set<Key> keys = ConcurrentHashMap.newKeySet();
    private volatile boolean isFull;

    Seen(Policy policy) {
      this.policy = new WeakReference<>(policy);
    }

    boolean isNew(Key key) {
      return !isFull && !keys.contains(key);
    }

    /** The number of the key, if it was added now; otherwise 0. */
    synchronized int add(Key key) {
      if (isFull || !keys.add(key)) {
        return 0;
      }
      int number = keys.size();
      isFull = number == MAX_KEYS;
      return number;
    }
  }

  /** A plan stands for its rule, so it is the object that counts: another rule's may be equal. */
  private record Key(Outcome outcome, Optional<Reason> reason, Plan plan, String origin) {
    static Key of(Verdict verdict, String origin) {
      String start =
          origin == null || origin.length() <= MAX_ORIGIN
              ? origin
              : origin.substring(0, MAX_ORIGIN);
      return new Key(verdict.outcome(), verdict.reason(), verdict.plan(), start);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && outcome == key.outcome
          && reason.equals(key.reason)
          && plan == key.plan
          && Objects.equals(origin, key.origin);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(plan) + Objects.hashCode(origin);
    }
  }
}
