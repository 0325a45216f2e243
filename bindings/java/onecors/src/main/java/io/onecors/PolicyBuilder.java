package io.onecors;

import java.util.function.Consumer;

/**
 * A policy document in code: either one rule, which then governs every path, or several rules, each
 * with its paths. Not safe to share between threads; the policy that it builds is.
 *
 * <pre>{@code
 * Policy policy =
 *     Policy.builder()
 *         .allowOrigins("https://app.example.com", "https://*.tenant.example.org")
 *         .allowCredentials(true)
 *         .allowMethods("PUT", "DELETE")
 *         .build();
 * }</pre>
 */
public final class PolicyBuilder extends RuleOptions<PolicyBuilder> {
  PolicyBuilder() {}

  @Override
  PolicyBuilder self() {
    return this;
  }

  /**
   * Adds a rule. In a policy with rules, options stand in the rules alone.
   *
   * @param options sets the options of the rule, such as {@code rule ->
   *     rule.paths("/*").allowOrigins("*")}
   * @return this builder
   */
  public PolicyBuilder rule(Consumer<? super RuleBuilder> options) {
    RuleBuilder rule = new RuleBuilder();
    options.accept(rule);
    return add("rules", new Object[] {rule.keys});
  }

  /**
   * The document so far, which the pointers of problems point into.
   *
   * @return JSON text
   */
  public String toJson() {
    return Json.write(keys);
  }

  /**
   * Compiles the document. The builder may be used further.
   *
   * @return the policy
   * @throws PolicyException if the document has problems; it lists all of them
   */
  public Policy build() {
    return Policy.fromJson(toJson());
  }
}
