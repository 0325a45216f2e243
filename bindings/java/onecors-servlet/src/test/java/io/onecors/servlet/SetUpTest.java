package io.onecors.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onecors.Policy;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the filter is declared, what it warns of, and how it fails. */
class SetUpTest {
  private static final String DOCUMENT = "{\"allow_origins\": [\"https://app.example.com\"]}";

  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger("io.onecors");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          logged.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
  }

  /** As web.xml declares it. */
  private static FilterRegistration.Dynamic declare(ServletContext context, String policy) {
    FilterRegistration.Dynamic filter = context.addFilter("declared", CorsFilter.class);
    if (policy != null) {
      filter.setInitParameter("policy", policy);
    }
    filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
    context.addServlet("nothing", new Nothing()).addMapping("/*");
    return filter;
  }

  private static List<String> ask(WebServer.Application application) throws Exception {
    try (WebServer server = WebServer.jetty("/", application)) {
      return server
          .send("GET / HTTP/1.1", "Host: service.example", "Origin: https://app.example.com")
          .field("Access-Control-Allow-Origin");
    }
  }

  @Test
  void theParameterNamesAFileOrWhatIsInTheClassPath(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), DOCUMENT);
    List<String> allowed = List.of("https://app.example.com");
    assertEquals(allowed, ask(context -> declare(context, file.toString())));
    assertEquals(allowed, ask(context -> declare(context, "classpath:cors.json")));
    assertEquals(allowed, ask(context -> declare(context, "classpath:/cors.json")));
    assertEquals(List.of(), logged);
  }

  @Test
  void aPolicyThatIsNotThereFailsTheStart(@TempDir Path folder) throws Exception {
    Path bad = Files.writeString(folder.resolve("policy.json"), "{}");
    assertFails("has no policy", null);
    assertFails("classpath:none.json", "classpath:none.json");
    assertFails("/WEB-INF/none.json", "/WEB-INF/none.json");
    assertFails("none.json", folder.resolve("none.json").toString());
    assertFails("allow_origins", bad.toString());
    // Nothing of it forges a line.
    assertFails("none\\u{1b}[31m\\u{a}all is well", "classpath:none\u001b[31m\nall is well");
  }

  private static void assertFails(String said, String policy) {
    Exception e =
        assertThrows(
            Exception.class, () -> WebServer.jetty("/", context -> declare(context, policy)));
    StringBuilder text = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      text.append(cause.getMessage());
    }
    assertTrue(text.toString().contains(said), text::toString);
  }

  @Test
  void closingTheApplicationEndsTheWatching(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), DOCUMENT);
    ask(context -> declare(context, file.toString()));
    for (int i = 0; i < 1_000 && watches(); i++) {
      Thread.sleep(10);
    }
    assertTrue(!watches());
  }

  private static boolean watches() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("onecors-watch"));
  }

  @Test
  void aSecondCorsFilterAndANarrowMappingAreWarnedOf() throws Exception {
    ask(
        context -> {
          context.addFilter("other", new OtherCorsFilter());
          FilterRegistration.Dynamic filter =
              context.addFilter("narrow", new CorsFilter(Policy.fromJson(DOCUMENT)));
          filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/api/*");
        });
    assertEquals(
        List.of(
            "WARNING onecors: the filter other (io.onecors.servlet.SetUpTest$OtherCorsFilter) also"
                + " handles CORS; remove it, so that only the policy decides",
            "WARNING onecors: the filter narrow is mapped to [/api/*]; map it to /*, and let the"
                + " policy's rules select the paths"),
        logged);
  }

  @Test
  void aSecondRegistrationIsAnError() throws Exception {
    Policy policy = Policy.fromJson(DOCUMENT);
    ask(
        context -> {
          CorsFilter.register(context, policy);
          assertThrows(IllegalStateException.class, () -> CorsFilter.register(context, policy));
        });
  }

  /** A servlet that answers with nothing. */
  public static final class Nothing extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    public void service(ServletRequest request, ServletResponse response) {}
  }

  /** By its name one that does CORS. */
  public static final class OtherCorsFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {}
  }
}
