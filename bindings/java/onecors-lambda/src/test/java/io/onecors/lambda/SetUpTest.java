package io.onecors.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.onecors.LivePolicy;
import io.onecors.Policy;
import io.onecors.PolicyException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a handler gets its policy and its options, what it logs, and that no event breaks it. */
class SetUpTest {
  private static final String DOCUMENT = "{\"allow_origins\": [\"https://app.example.com\"]}";
  private static final RequestStreamHandler HANDLER =
      (input, output, context) -> output.write("{\"statusCode\":200}".getBytes(UTF_8));

  private static String ask(RequestStreamHandler handler, String origin) throws IOException {
    String event =
        "{\"path\": \"/a\", \"httpMethod\": \"GET\", \"requestContext\": {}, \"headers\":"
            + " {\"Host\": \"api.example.com\", \"Origin\": \""
            + origin
            + "\"}}";
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), output, null);
    return output.toString(UTF_8);
  }

  private static boolean allows(RequestStreamHandler handler) throws IOException {
    return ask(handler, "https://app.example.com").contains("Access-Control-Allow-Origin");
  }

  /** As Lambda makes it, by its name. */
  public static final class Orders extends CorsHandler {
    public Orders() {
      super("classpath:/cors.json", HANDLER);
    }
  }

  @Test
  void thePolicyIsInTheClassPathOrAFileOrGiven(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), DOCUMENT);
    assertTrue(allows(Orders.class.getConstructor().newInstance()));
    assertTrue(allows(new CorsHandler("classpath:cors.json", HANDLER)));
    assertTrue(allows(new CorsHandler(file.toString(), HANDLER)));
    assertTrue(allows(new CorsHandler(Policy.fromFile(file), HANDLER, CorsOptions.DEFAULTS)));
  }

  @Test
  void aLivePolicyIsAskedForEachRequest() throws IOException {
    LivePolicy live = new LivePolicy(Policy.fromJson(DOCUMENT));
    CorsHandler handler = new CorsHandler(live, HANDLER, CorsOptions.DEFAULTS);
    assertTrue(allows(handler));
    live.replace(DOCUMENT.replace("app", "other"));
    try (LogLines log = new LogLines()) {
      assertTrue(!allows(handler));
      assertEquals(1, log.records.size());
    }
  }

  @Test
  void aPolicyThatIsNotThereOrBadFails(@TempDir Path folder) throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.json"), "{}");
    String missing = folder.resolve("none.json").toString();
    assertFails(
        UncheckedIOException.class, "none.json is not on the class path", "classpath:none.json");
    assertFails(UncheckedIOException.class, missing, missing);
    String forged = folder.resolve("none\u001b[31m\nall is well").toString();
    assertFails(UncheckedIOException.class, "none\\u{1b}[31m\\u{a}all is well", forged);
    assertFails(PolicyException.class, "allow_origins", bad.toString());
  }

  private static void assertFails(Class<? extends Exception> type, String said, String policy) {
    for (Exception e :
        List.of(
            assertThrows(type, () -> new CorsHandler(policy, HANDLER)),
            assertThrows(type, () -> new CorsAuthorizer(policy, HANDLER)))) {
      assertTrue(e.getMessage().contains(said), e.getMessage());
    }
  }

  @Test
  void aDenialIsLoggedOnce() throws IOException {
    CorsHandler handler = new Orders();
    try (LogLines log = new LogLines()) {
      ask(handler, "https://evil.example\\r\\nforged");
      ask(handler, "https://evil.example\\r\\nforged");
      ask(handler, "https://api.example.com"); // The same origin is no denial.
      assertEquals(1, log.records.size(), () -> log.texts().toString());
      String line = log.texts().get(0);
      assertTrue(line.startsWith("WARNING onecors: denied the request of"), line);
      assertTrue(line.chars().allMatch(c -> c >= ' '), line);
    }
  }

  @Test
  void whatTheHandlerThrewIsLoggedAndNotAnswered() throws IOException {
    RuntimeException secret = new RuntimeException("secret");
    RequestStreamHandler failing =
        (input, output, context) -> {
          output.write('x');
          throw secret;
        };
    CorsOptions options = CorsOptions.DEFAULTS.withOnError(OnError.RESPOND);
    try (LogLines log = new LogLines()) {
      String answer =
          ask(new CorsHandler("classpath:cors.json", failing, options), "https://app.example.com");
      assertTrue(answer.startsWith("{\"statusCode\":500") && !answer.contains("secret"), answer);
      assertSame(secret, log.records.get(0).getThrown());
    }
    CorsHandler raising = new CorsHandler("classpath:cors.json", failing);
    assertSame(secret, assertThrows(RuntimeException.class, () -> allows(raising)));
  }

  @Test
  void theBasePathMayBeWrittenWithAndWithoutSlashes() {
    for (String written : List.of("v1", "/v1", "v1/", "/v1/")) {
      assertEquals("/v1", CorsOptions.DEFAULTS.withBasePath(written).basePath());
    }
    for (String written : List.of("", "/", "//")) {
      assertEquals("", CorsOptions.DEFAULTS.withBasePath(written).basePath());
    }
  }

  /**
   * What is cut short, or has a byte that is another one, goes on to the handler or is answered.
   */
  @Test
  void noEventBreaksTheHandler() throws IOException {
    byte[] event =
        ("{\"version\": \"2.0\", \"rawPath\": \"/a\", \"headers\": {\"origin\": \"null\"},"
                + " \"multiValueHeaders\": {\"origin\": [\"null\", [{}]]},"
                + " \"requestContext\": {\"stage\": \"a\", \"http\": {\"method\": \"GET\"}}}")
            .getBytes(UTF_8);
    Random random = new Random(1);
    CorsHandler handler = new Orders();
    try (LogLines log = new LogLines()) {
      for (int i = 0; i < 5_000; i++) {
        byte[] broken =
            Arrays.copyOf(
                event, random.nextBoolean() ? event.length : 1 + random.nextInt(event.length));
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        handler.handleRequest(new ByteArrayInputStream(broken), output, null);
        String answer = output.toString(UTF_8);
        assertTrue(answer.startsWith("{\"statusCode\":200"), answer);
        assertTrue(!answer.contains("Allow-Origin"), answer);
      }
      assertTrue(log.records.size() > 1, "no event was read as a request");
    }
  }
}
