package io.onecors;

import java.util.Optional;

/**
 * The decision on a request. Immutable; a policy returns the same object for the same verdict.
 *
 * @param outcome what kind of answer the request gets
 * @param reason why the request was refused; empty for every other outcome
 * @param plan what to do to the response
 */
public record Verdict(Outcome outcome, Optional<Reason> reason, Plan plan) {}
