package io.onecors.lambda;

import io.onecors.DenialLog;
import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;

/**
 * What a policy decided on the request of an event.
 *
 * @param policy the policy that decided
 * @param request the request as the policy saw it
 * @param verdict the verdict
 */
record Decision(Policy policy, Request request, Verdict verdict) {
  /** Decides on a request, and logs a denial unless it was logged before. */
  static Decision make(Policy policy, Request request, String host, DenialLog denials) {
    Decision decision = new Decision(policy, request, policy.decide(request));
    denials.report(policy, decision.verdict, request, host);
    return decision;
  }

  boolean isGoverned() {
    return verdict.outcome() != Outcome.UNGOVERNED;
  }

  Plan plan() {
    return verdict.plan();
  }
}
