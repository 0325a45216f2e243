package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BuilderTest {
  @Test
  void everyOptionIsAKeyOfTheDocument() {
    assertEquals(
        "{\"description\":\"all\",\"allow_origins\":[\"https://app.example.com\","
            + "{\"regex\":\"https://pr-[0-9]+\\\\.example\\\\.net\"},\"http://localhost:*\"],"
            + "\"allow_credentials\":true,\"allow_methods\":[\"PUT\",\"PATCH\"],"
            + "\"allow_headers\":[\"authorization\"],\"expose_headers\":[\"etag\"],"
            + "\"max_age\":600,\"preflight_status\":200,"
            + "\"dangerously_allow\":[\"insecure_origins\"]}",
        Policy.builder()
            .description("all")
            .allowOrigins("https://app.example.com")
            .allowOrigins(
                OriginPattern.regex("https://pr-[0-9]+\\.example\\.net"),
                OriginPattern.of("http://localhost:*"))
            .allowCredentials(true)
            .allowMethods("PUT")
            .allowMethods("PATCH")
            .allowHeaders("authorization")
            .exposeHeaders("etag")
            .maxAge(Duration.ofMinutes(10))
            .preflightStatus(200)
            .dangerouslyAllow("insecure_origins")
            .toJson());
  }

  @Test
  void absentOptionsAreAbsentKeysAndEmptyListsAreNot() {
    assertEquals("{}", Policy.builder().toJson());
    assertEquals("{\"allow_methods\":[]}", Policy.builder().allowMethods().toJson());
    assertEquals("{\"max_age\":0}", Policy.builder().maxAge(0).toJson());
  }

  @Test
  void rulesAreAList() {
    PolicyBuilder builder =
        Policy.builder()
            .rule(rule -> rule.name("catalogue").paths("/catalogue/*").allowOrigins("*"))
            .rule(rule -> rule.paths("/*").allowOrigins("https://app.example.com"));
    assertEquals(
        "{\"rules\":[{\"name\":\"catalogue\",\"paths\":[\"/catalogue/*\"],"
            + "\"allow_origins\":[\"*\"]},{\"paths\":[\"/*\"],"
            + "\"allow_origins\":[\"https://app.example.com\"]}]}",
        builder.toJson());
    try (Policy policy = builder.build()) {
      Request request = Request.of("GET", "/catalogue/1").withOrigin("https://shop.example");
      assertEquals(Outcome.ACTUAL_ALLOWED, policy.decide(request).outcome());
      assertEquals(
          Outcome.ACTUAL_DENIED,
          policy.decide("GET", "/orders", request.origin(), null, null).outcome());
    }
  }

  @Test
  void whatTheBuilderIsGivenIsQuotedAndNotChecked() {
    assertEquals(
        "{\"description\":\"\\\"\\\\\\u0000\\u000a\u00e9\",\"allow_methods\":[null]}",
        Policy.builder().description("\"\\\0\n\u00e9").allowMethods(new String[] {null}).toJson());
  }

  @Test
  void theEngineChecksAllAtOnce() {
    PolicyBuilder builder =
        Policy.builder()
            .allowOrigins("https://app.example.com/", null)
            .allowMethods("put")
            .preflightStatus(404);
    PolicyException e = assertThrows(PolicyException.class, builder::build);
    assertEquals(
        Set.of(
            "/allow_origins/0 trailing_slash",
            "/allow_origins/1 wrong_type",
            "/allow_methods/0 method_case",
            "/preflight_status preflight_status_out_of_bounds"),
        e.problems().stream().map(p -> p.pointer() + " " + p.code()).collect(Collectors.toSet()));
  }
}
