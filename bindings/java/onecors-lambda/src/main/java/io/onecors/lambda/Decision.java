package io.onecors.lambda;

import io.onecors.DenialLog;
import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;
import java.util.Optional;

/**
 * What a policy decided on a request whose path one of its rules governs.
 *
 * @param request the request as the policy saw it
 * @param plan what to do to the response
 */
record Decision(Request request, Plan plan) {
  /**
   * Decides on a request, and logs a denial unless it was logged before.
   *
   * @return the decision; nothing where no rule governs the path, or where it depends on the reader
   *     which one does
   */
  static Optional<Decision> make(Policy policy, Request request, String host, DenialLog denials) {
    if (Readings.areAmbiguous(policy, request.path())) {
      return Optional.empty();
    }
    Verdict verdict = policy.decide(request);
    denials.report(policy, verdict, request, host);
    return verdict.outcome() == Outcome.UNGOVERNED
        ? Optional.empty()
        : Optional.of(new Decision(request, verdict.plan()));
  }
}
