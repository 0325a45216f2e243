package io.onecors;

import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs each distinct denial of an adapter once, at WARNING. Safe to use from any number of threads
 * at once.
 *
 * <p>A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict,
 * pattern and difference: the document bounds their number, so that nobody can use them up. Any
 * other is a stranger's. It is logged once for each verdict and origin, up to 1,000 of them.
 *
 * <p>The text is one escaped line: the denied request, the rule, the reason and the nearest miss.
 * It is for operators: do not send it in a response.
 */
public final class DenialLog {
  /** How many strangers are logged, and how many other origins are remembered. */
  private static final int MAX_KEYS = 1_000;

  /** How many characters of an origin distinguish it from others. */
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
    if (!ofPolicy.isNew(key)) {
      return;
    }
    long pattern = policy.nearestPattern(request);
    if (pattern == 0 && ofPolicy.isFull || isSameOrigin(policy, verdict, request, host)) {
      return;
    }
    Novelty novelty = ofPolicy.add(key, pattern);
    if (novelty != Novelty.KNOWN) {
      warn(policy.summary(request));
    }
    if (novelty == Novelty.LAST_STRANGER) {
      warn(
          MAX_KEYS
              + " denials of unknown origins were logged, and no more are until the policy is"
              + " replaced; near misses are");
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

  private enum Novelty {
    KNOWN,
    NEW,
    LAST_STRANGER
  }

  /** What was logged of one policy. */
  private static final class Seen {
    final WeakReference<Policy> policy;

    /** The denials that need no second look, strangers' or not. */
    private final Set<Key> keys = ConcurrentHashMap.newKeySet();

    /**
     * Of denials that a pattern comes near: the verdict, with a pattern's number for the origin.
     */
    private final Set<Key> near = new HashSet<>();

    private int strangers;

    /** Whether no more strangers are logged. */
    volatile boolean isFull;

    Seen(Policy policy) {
      this.policy = new WeakReference<>(policy);
    }

    boolean isNew(Key key) {
      return !keys.contains(key);
    }

    /** Remembers a denial, to whose origin the pattern of this number comes near; 0 is none. */
    synchronized Novelty add(Key key, long pattern) {
      if (keys.contains(key) || pattern == 0 && isFull) {
        return Novelty.KNOWN;
      }
      if (pattern != 0) {
        if (keys.size() < 2 * MAX_KEYS) {
          keys.add(key);
        }
        return near.add(key.withOrigin(Long.toString(pattern))) ? Novelty.NEW : Novelty.KNOWN;
      }
      keys.add(key);
      strangers++;
      isFull = strangers == MAX_KEYS;
      return isFull ? Novelty.LAST_STRANGER : Novelty.NEW;
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

    Key withOrigin(String text) {
      return new Key(outcome, reason, plan, text);
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
