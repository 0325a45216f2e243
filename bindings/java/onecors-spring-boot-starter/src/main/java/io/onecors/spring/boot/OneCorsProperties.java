package io.onecors.spring.boot;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the configuration says of the policy.
 *
 * @param enabled Whether the policy is put in front of the application.
 * @param policy Where the policy document is, beginning with classpath: or file:, or the document
 *     itself, beginning with {. A Policy or LivePolicy bean takes its place.
 * @param watch Whether the document, which must then be a file:, is loaded again when it changes.
 * @param springCors What to do at start-up when Spring's own CORS support is active on a path that
 *     the policy governs.
 */
@ConfigurationProperties("onecors")
public record OneCorsProperties(
    @DefaultValue("true") boolean enabled,
    String policy,
    @DefaultValue("false") boolean watch,
    @DefaultValue("fail") SpringCors springCors) {

  /** What to do when two layers would answer the same requests. */
  public enum SpringCors {
    /** Fail the start of the application. */
    FAIL,
    /** Log a warning, and let the policy win on the paths that it governs. */
    WARN
  }
}
