package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DenialLogTest {
  private static final String DOCUMENT =
      """
      {"rules": [
        {"name": "app", "paths": ["/app/*"], "allow_origins": ["https://app.example.com"]},
        {"name": "shop", "paths": ["/shop/*"], "allow_origins": ["https://app.example.com"]}
      ]}
      """;

  private final RecordingLogger logger = new RecordingLogger();
  private final DenialLog log = new DenialLog(logger);
  private final Policy policy = Policy.fromJson(DOCUMENT);

  private void report(Policy policy, String path, String origin, String host) {
    Request request = Request.of("GET", path).withOrigin(origin);
    Verdict verdict = policy.decide(request);
    int lines = logger.lines.size();
    boolean isNew = log.isNew(policy, verdict, request);
    log.report(policy, verdict, request, host);
    if (logger.lines.size() > lines) {
      assertTrue(isNew, "logged, and was not new");
      assertFalse(log.isNew(policy, verdict, request), "logged, and is new still");
    }
  }

  @Test
  void aDenialIsLoggedOnceWithItsRuleReasonAndNearestMiss() {
    report(policy, "/app/a", "http://app.example.com", "service.example");
    report(policy, "/app/b", "http://app.example.com", "service.example");
    assertEquals(1, logger.lines.size());
    String line = logger.lines.get(0);
    assertTrue(
        line.startsWith("WARNING onecors: denied the request of \"http://app.example.com\""), line);
    for (String part : List.of("\"app\"", "origin_not_allowed", "http, not https")) {
      assertTrue(line.contains(part), line);
    }
  }

  @Test
  void theRuleTheOriginAndThePolicyTellDenialsApart() {
    report(policy, "/app/a", "https://evil.example", null);
    report(policy, "/shop/a", "https://evil.example", null);
    report(policy, "/app/a", "https://other.example", null);
    assertEquals(3, logger.lines.size());
    report(Policy.fromJson(DOCUMENT), "/app/a", "https://evil.example", null);
    assertEquals(4, logger.lines.size());
  }

  @Test
  void whatIsNoDenialIsNotLogged() {
    report(policy, "/app/a", "https://app.example.com", null);
    report(policy, "/app/a", null, null);
    report(policy, "/none", "https://evil.example", null);
    report(policy, "/app/a", "http://service.example:81", "service.example:81");
    assertEquals(List.of(), logger.lines);
    report(policy, "/app/a", "http://service.example:81", "service.example");
    assertEquals(1, logger.lines.size());
  }

  @Test
  void noMoreThanAThousandAreLoggedOfAPolicy() {
    for (int i = 0; i < 1_100; i++) {
      report(policy, "/app/a", "https://evil-" + i + ".example", null);
    }
    assertEquals(1_001, logger.lines.size());
    assertEquals(
        "WARNING onecors: 1000 denials of unknown origins were logged, and no more are until the"
            + " policy is replaced; near misses are",
        logger.lines.get(1_000));
    report(Policy.fromJson(DOCUMENT), "/app/a", "https://evil-0.example", null);
    assertEquals(1_002, logger.lines.size());
  }

  @Test
  void strangersUseUpTheirOwnLinesAlone() {
    for (int i = 0; i < 1_200; i++) {
      report(policy, "/app/a", "https://scanner-" + i + ".example", null);
    }
    report(policy, "/app/a", "https://scanner-0.example", null);
    assertEquals(1_001, logger.lines.size());
    report(policy, "/app/a", "http://app.example.com", null);
    report(policy, "/app/a", "http://app.example.com", null);
    assertEquals(1_002, logger.lines.size());
    assertTrue(logger.lines.get(1_001).contains("(http, not https)"), logger.lines.get(1_001));
    Request purge = new Request("OPTIONS", "/app/a", "https://app.example.com", "PURGE", null);
    log.report(policy, policy.decide(purge), purge, null);
    log.report(policy, policy.decide(purge), purge, null);
    assertEquals(1_003, logger.lines.size());
  }

  @Test
  void theDocumentBoundsNearMisses() {
    for (int i = 0; i < 100_000; i++) {
      report(policy, "/app/a", "https://app.example.com:" + (1 + i % 65_535), null);
      report(policy, "/app/a", "https://a" + i + ".app.example.com", null);
    }
    int lines = logger.lines.size();
    assertTrue(lines >= 2 && lines < 10, lines + " are logged");
  }

  @Test
  void longOriginsCountByTheirStart() {
    report(policy, "/app/a", "https://" + "a".repeat(600) + ".example", null);
    report(policy, "/app/a", "https://" + "a".repeat(601) + ".example", null);
    assertEquals(1, logger.lines.size());
    assertTrue(logger.lines.get(0).length() < 700, logger.lines.get(0));
  }

  @Test
  void nothingOfARequestBreaksALine() {
    report(policy, "/app/a", "https://a\r\nWARNING forged\u2028\u0007", null);
    assertTrue(
        logger.lines.get(0).chars().allMatch(c -> c >= ' ' && c < 0x7F), logger.lines.get(0));
  }

  @Test
  void aLoggerThatThrowsIsNotNoticed() {
    logger.throwing = true;
    report(policy, "/app/a", "https://evil.example", null);
    assertEquals(1, logger.lines.size());
  }
}
