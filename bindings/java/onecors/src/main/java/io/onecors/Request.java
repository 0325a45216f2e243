package io.onecors;

/**
 * The view of an HTTP request that a decision needs: each part as it was received, nothing trimmed.
 *
 * <p>Null and empty differ: an empty {@code Origin} is malformed, an absent one means that the
 * request is not a CORS request. If a field has several lines, join them with {@code ", "} first
 * (RFC 9110, section 5.3).
 *
 * @param method the request method, compared case-sensitively; null when unknown
 * @param path the path that the framework routes on, without the query; null when unknown. A policy
 *     whose document is a single rule does not look at it
 * @param origin the value of {@code Origin}; null when absent
 * @param accessControlRequestMethod the value of {@code Access-Control-Request-Method}; null when
 *     absent
 * @param accessControlRequestHeaders the value of {@code Access-Control-Request-Headers}; null when
 *     absent
 */
public record Request(
    String method,
    String path,
    String origin,
    String accessControlRequestMethod,
    String accessControlRequestHeaders) {

  /**
   * A request without any header.
   *
   * @param method the request method; may be null
   * @param path the path without the query; may be null
   * @return the request
   */
  public static Request of(String method, String path) {
    return new Request(method, path, null, null, null);
  }

  /**
   * This request with another {@code Origin}.
   *
   * @param origin the value; null for none
   * @return a new request
   */
  public Request withOrigin(String origin) {
    return new Request(
        method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
  }

  /**
   * This request with another {@code Access-Control-Request-Method}.
   *
   * @param accessControlRequestMethod the value; null for none
   * @return a new request
   */
  public Request withAccessControlRequestMethod(String accessControlRequestMethod) {
    return new Request(
        method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
  }

  /**
   * This request with another {@code Access-Control-Request-Headers}.
   *
   * @param accessControlRequestHeaders the value; null for none
   * @return a new request
   */
  public Request withAccessControlRequestHeaders(String accessControlRequestHeaders) {
    return new Request(
        method, path, origin, accessControlRequestMethod, accessControlRequestHeaders);
  }
}
