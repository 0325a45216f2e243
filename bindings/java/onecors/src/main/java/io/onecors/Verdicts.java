package io.onecors;

import java.util.List;
import java.util.Optional;

/**
 * The verdicts of one policy, each made when it is first given. There are no more of them than
 * plans times outcomes times reasons, whatever is asked.
 *
 * <p>Threads may race to make the same verdict: all are equal, and safe to publish by a plain write
 * because a verdict has final fields alone.
 */
final class Verdicts {
  private static final Outcome[] OUTCOMES = Outcome.values();
  private static final Reason[] REASONS = Reason.values();

  private final List<Plan> plans;
  private final Verdict[][] made;

  Verdicts(List<Plan> plans) {
    this.plans = plans;
    this.made = new Verdict[plans.size()][];
  }

  /** The verdict of these bits: the outcome, the reason (0 for none) and the plan. */
  Verdict of(int bits) {
    int outcome = bits & 0xFF;
    int reason = bits >>> 8 & 0xFF;
    int plan = bits >>> 16;
    Verdict[] row = made[plan];
    if (row == null) {
      made[plan] = row = new Verdict[OUTCOMES.length * (REASONS.length + 1)];
    }
    int place = reason * OUTCOMES.length + outcome;
    Verdict verdict = row[place];
    if (verdict == null) {
      Optional<Reason> why = reason == 0 ? Optional.empty() : Optional.of(REASONS[reason - 1]);
      row[place] = verdict = new Verdict(OUTCOMES[outcome], why, plans.get(plan));
    }
    return verdict;
  }
}
