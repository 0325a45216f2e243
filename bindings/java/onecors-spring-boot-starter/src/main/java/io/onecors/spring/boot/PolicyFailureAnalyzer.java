package io.onecors.spring.boot;

import io.onecors.PolicyException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows every problem of a document that the application made a policy of itself. */
final class PolicyFailureAnalyzer extends AbstractFailureAnalyzer<PolicyException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, PolicyException cause) {
    StartupException shown = StartupException.of("A policy document of the application", cause);
    return new FailureAnalysis(shown.getMessage(), shown.action(), cause);
  }
}
