package io.onecors.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.onecors.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the corpus cannot say: the bytes of answers, and answers that are no JSON. */
class AnswerTest {
  private static final String REST =
      """
      {"path": "/a", "httpMethod": "GET", "headers": {"Origin": "https://app.example.com"},
       "requestContext": {}}
      """;
  private static final String HTTP2 =
      """
      {"version": "2.0", "rawPath": "/a", "headers": {"origin": "https://app.example.com"},
       "requestContext": {"http": {"method": "GET"}}}
      """;
  private static final String FIELDS =
      "\"Access-Control-Allow-Origin\":\"https://app.example.com\",\"Vary\":\"Origin\"";

  private final Policy policy =
      Policy.fromJson("{\"allow_origins\": [\"https://app.example.com\"]}");

  private String answer(String event, byte[] written, OnError onError) throws IOException {
    RequestStreamHandler handler = (input, output, context) -> output.write(written);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    new CorsHandler(policy, handler, CorsOptions.DEFAULTS.withOnError(onError))
        .handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), output, null);
    return output.toString(UTF_8);
  }

  private String answer(String event, String written) throws IOException {
    return answer(event, written.getBytes(UTF_8), OnError.RAISE);
  }

  @Test
  void everyByteOfWhatIsNotThePolicysStays() throws IOException {
    String members =
        """
        "big":123456789012345678901234567890,"one":1.0,"exponent":1E400,"negative":-0,\
        "body":"\\ud800 \\u00e4ä\\/ \\"}","nested":{"a" : [1.0 , {} ]},"escaped":"\\u0000"\
        """;
    String headers = "\"X-One\":1.0,\"X-Text\":\"\\u00e4\\/ä\"";
    assertEquals(
        "{" + members + ",\"statusCode\":200,\"headers\":{" + headers + "," + FIELDS + "}}",
        answer(
            REST,
            " { "
                + members
                + " , \"statusCode\" : 200 ,\n\"headers\":\t{ "
                + headers
                + "\r\n} } "));
  }

  @Test
  void halfACharacterIsWrittenAsItWas() throws IOException {
    assertEquals(
        "{\"statusCode\":200,\"headers\":{"
            + "\"Access-Control-Allow-Origin\":\"https://app.example.com\","
            + "\"Vary\":\"\\uD800, Origin\"}}",
        answer(REST, "{\"statusCode\":200,\"headers\":{\"vary\":\"\\ud800\"}}"));
  }

  @Test
  void anEventThatIsMoreThanOneValueIsNone() throws IOException {
    String written = "{\"statusCode\":200}";
    for (String more : List.of("{}", "x", ",")) {
      assertEquals(written, answer(REST + more, written));
    }
  }

  @Test
  void numbersOfManyDigitsStay() throws IOException {
    String digits = "9".repeat(5_000);
    assertTrue(answer(REST, "{\"statusCode\":200,\"x\":" + digits + "}").contains(digits));
  }

  @Test
  void whatIsInferredKeepsItsDigitsAndLosesItsWhiteSpace() throws IOException {
    assertEquals(
        "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\","
            + FIELDS
            + "},\"body\":\"{\\\"a b\\\":[1.0,1E400,\\\"\\\\\\\\ \\\\\\\" \\\\u00e4\\\"]}\","
            + "\"isBase64Encoded\":false}",
        answer(HTTP2, "{ \"a b\" : [ 1.0 ,\n1E400, \"\\\\ \\\" \\u00e4\" ] }\n"));
  }

  /** A name is the same name however it is written, and the last of two members counts. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"statusCode\":200,\"he\\u0061ders\":{\"Access-Control-\\u0041llow-Origin\":\"*\"}}",
        "{\"statusCode\":200,\"headers\":{\"Access-Control-Allow-Origin\":\"*\"},\"headers\":{}}",
        "{\"statusCode\":200,\"headers\":{},\"headers\":{\"Access-Control-Allow-Origin\":\"*\"}}",
        "{\"statusCode\":200,\"headers\":\"none\",\"headers\":{\"vary\":\"origin\",\"Vary\":\"\"}}",
        "{\"statusCode\":200,\"headers\":{\"vary\":\"\",\"vary\":\"Origin\"}}",
      })
  void nothingIsHiddenByTheWayItIsWritten(String written) throws IOException {
    String answer = answer(REST, written);
    assertTrue(answer.contains("https://app.example.com"), answer);
    assertEquals(1, answer.toLowerCase().split("allow-origin").length - 1, answer);
    assertEquals(1, answer.toLowerCase().split("vary").length - 1, answer);
    assertEquals(1, answer.split("headers").length - 1, answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "{",
        "{\"statusCode\":200",
        "{\"statusCode\":200},",
        "{\"statusCode\":200} {}",
        "{\"statusCode\":200,}",
        "{'statusCode':200}",
        "{\"body\":\"\u0001\"}",
        "\u00ff\u00fe{\u0000}\u0000",
        "\u00ef\u00bb\u00bf{}",
        "{\"body\":\"\u00e4\"}",
      })
  void whatIsNoJsonFailsAsTheHandlerWould(String written) throws IOException {
    byte[] bytes = written.getBytes(ISO_8859_1);
    Exception e =
        assertThrows(
            IllegalStateException.class, () -> answer(REST, bytes, OnError.RAISE), written);
    assertTrue(e.getMessage().contains("is not JSON"), e.getMessage());
    assertTrue(!e.getMessage().contains("hello"), "the message shows what was written");
    try (LogLines log = new LogLines()) {
      String answer = answer(REST, bytes, OnError.RESPOND);
      assertTrue(answer.contains("\"statusCode\":500") && answer.contains(FIELDS), answer);
      assertEquals(1, log.records.size());
    }
  }

  @Test
  void whatWritesNothingReturnsNull() throws IOException {
    assertEquals("", answer(REST, ""));
    assertTrue(answer(HTTP2, "").contains("\"body\":\"null\""));
  }

  @Test
  void largeAnswersTakeTimeInProportion() throws IOException {
    String body = "\"" + "ä\\n".repeat(500_000) + "\"";
    String owned =
        IntStream.range(0, 60_000)
            .mapToObj(i -> "\"Access-Control-Allow-" + i + "\":\"\"")
            .collect(Collectors.joining(","));
    // The time of the processor: what else the machine does is not measured.
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    String answer =
        answer(REST, "{\"statusCode\":200,\"body\":" + body + ",\"headers\":{" + owned + "}}");
    Duration taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - begin);
    assertEquals("{\"statusCode\":200,\"body\":" + body + ",\"headers\":{" + FIELDS + "}}", answer);
    assertTrue(taken.compareTo(Duration.ofSeconds(5)) < 0, taken::toString);
  }
}
