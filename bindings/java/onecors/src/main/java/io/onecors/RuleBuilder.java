package io.onecors;

/** One rule of a policy, which governs some paths; see {@link PolicyBuilder#rule}. */
public final class RuleBuilder extends RuleOptions<RuleBuilder> {
  RuleBuilder() {}

  @Override
  RuleBuilder self() {
    return this;
  }

  /**
   * What people call the rule; unique in the policy, and optional.
   *
   * @param name the name
   * @return this builder
   */
  public RuleBuilder name(String name) {
    return set("name", name);
  }

  /**
   * Which paths the rule governs; required. The most specific pattern of all rules wins.
   *
   * @param patterns path patterns, such as {@code /users/{id}} or {@code /catalogue/*}
   * @return this builder
   */
  public RuleBuilder paths(String... patterns) {
    return add("paths", patterns);
  }
}
