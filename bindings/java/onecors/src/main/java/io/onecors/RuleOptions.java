package io.onecors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options that a whole policy and one rule of it have in common.
 *
 * <p>Nothing is checked here: the engine checks the finished document, and reports every problem of
 * it at once. An option that takes several values adds to those it was given before. An option that
 * is never called has its default.
 *
 * @param <B> the type of the builder
 */
public abstract sealed class RuleOptions<B extends RuleOptions<B>>
    permits PolicyBuilder, RuleBuilder {
  /** The keys of the document, with their values. */
  final Map<String, Object> keys = new LinkedHashMap<>();

  RuleOptions() {}

  abstract B self();

  /**
   * Which origins are allowed; required.
   *
   * @param patterns origin patterns, such as {@code https://app.example.com} or {@code
   *     https://*.example.com}
   * @return this builder
   */
  public B allowOrigins(String... patterns) {
    return add("allow_origins", patterns);
  }

  /**
   * Which origins are allowed; required.
   *
   * @param patterns origin patterns, regular expressions among them
   * @return this builder
   */
  public B allowOrigins(OriginPattern... patterns) {
    Object[] entries = new Object[patterns.length];
    for (int i = 0; i < patterns.length; i++) {
      entries[i] = patterns[i] == null ? null : patterns[i].entry;
    }
    return add("allow_origins", entries);
  }

  /**
   * Whether a page may send cookies and read the answer. The default is {@code false}.
   *
   * @param allow whether it may
   * @return this builder
   */
  public B allowCredentials(boolean allow) {
    return set("allow_credentials", allow);
  }

  /**
   * Methods beyond {@code GET}, {@code HEAD} and {@code POST}, which the protocol always lets
   * through. The default is none.
   *
   * @param methods methods, compared case-sensitively; {@code *} for any
   * @return this builder
   */
  public B allowMethods(String... methods) {
    return add("allow_methods", methods);
  }

  /**
   * Request-header names that a preflight may ask for. The default is none.
   *
   * @param names header names; {@code *} for any but {@code authorization}, which must be named
   * @return this builder
   */
  public B allowHeaders(String... names) {
    return add("allow_headers", names);
  }

  /**
   * Response-header names that a page may read. The default is none.
   *
   * @param names header names; {@code *} for any, without credentials only
   * @return this builder
   */
  public B exposeHeaders(String... names) {
    return add("expose_headers", names);
  }

  /**
   * How long a browser may keep a preflight's answer. The default is 7200.
   *
   * @param seconds 0 to 86400
   * @return this builder
   */
  public B maxAge(long seconds) {
    return set("max_age", seconds);
  }

  /**
   * How long a browser may keep a preflight's answer. The default is two hours.
   *
   * @param age nothing to one day; a fraction of a second is cut off
   * @return this builder
   */
  public B maxAge(Duration age) {
    return maxAge(age.toSeconds());
  }

  /**
   * The status of an allowed preflight. The default is 204.
   *
   * @param status 200 to 299
   * @return this builder
   */
  public B preflightStatus(int status) {
    return set("preflight_status", status);
  }

  /**
   * Opt-outs from safety checks. The default is none.
   *
   * @param names opt-outs, such as {@code insecure_origins}
   * @return this builder
   */
  public B dangerouslyAllow(String... names) {
    return add("dangerously_allow", names);
  }

  /**
   * A note for people, without any effect.
   *
   * @param description the note
   * @return this builder
   */
  public B description(String description) {
    return set("description", description);
  }

  final B set(String key, Object value) {
    keys.put(key, value);
    return self();
  }

  final B add(String key, Object[] values) {
    @SuppressWarnings("unchecked") // The keys that are added to are never set.
    List<Object> list = (List<Object>) keys.computeIfAbsent(key, absent -> new ArrayList<>());
    Collections.addAll(list, values);
    return self();
  }
}
