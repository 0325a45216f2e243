package io.onecors.spring.boot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;

/**
 * An application that runs in a real server, and a client that changes nothing of what it sends.
 */
record Server(ConfigurableApplicationContext context, String portProperty)
    implements AutoCloseable {
  /** What an application runs on. Of the servers it sees, it takes any: each hides the other. */
  enum Kind {
    MVC_ON_TOMCAT(WebApplicationType.SERVLET),
    WEBFLUX_ON_TOMCAT(WebApplicationType.REACTIVE, "reactor.netty"),
    WEBFLUX_ON_NETTY(WebApplicationType.REACTIVE, "org.apache.catalina");

    private final WebApplicationType type;
    private final List<String> hidden;

    Kind(WebApplicationType type, String... hidden) {
      this.type = type;
      this.hidden = List.of(hidden);
    }

    boolean isReactive() {
      return type == WebApplicationType.REACTIVE;
    }
  }

  static final List<String> WITHOUT_SECURITY = List.of("org.springframework.security");

  /** Starts an application, with the policy of the tests where the properties name no other. */
  static Server start(Kind kind, Class<?> application, String... properties) {
    return start(kind, List.of(), application, properties);
  }

  /** The same, without the classes of some packages. */
  static Server start(Kind kind, List<String> hidden, Class<?> application, String... properties) {
    return run(
        builder(kind, hidden, application).properties("onecors.policy=classpath:cors.json"),
        properties);
  }

  /** The same, where no property names a policy. */
  static Server startWithoutPolicy(Kind kind, Class<?> application, String... properties) {
    return run(builder(kind, List.of(), application), properties);
  }

  private static SpringApplicationBuilder builder(
      Kind kind, List<String> hidden, Class<?> application) {
    String[] allHidden =
        Stream.concat(kind.hidden.stream(), hidden.stream()).toArray(String[]::new);
    return new SpringApplicationBuilder(application)
        .web(kind.type)
        .resourceLoader(new DefaultResourceLoader(new FilteredClassLoader(allHidden)))
        .properties(
            "server.port=0",
            "server.address=127.0.0.1",
            "spring.main.banner-mode=off",
            "spring.main.log-startup-info=false",
            "spring.reactor.netty.shutdown-quiet-period=0s");
  }

  private static Server run(SpringApplicationBuilder builder, String... properties) {
    return new Server(builder.properties(properties).run(), "local.server.port");
  }

  /** The same application on the port of its actuator. */
  Server management() {
    return new Server(context, "local.management.port");
  }

  /** The answer to a request with the lines that are given, each "Name: value". */
  Answer ask(String method, String target, String... lines) {
    StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    text.append("Host: api.example.com\r\nConnection: close\r\n");
    List.of(lines).forEach(line -> text.append(line).append("\r\n"));
    int port = context.getEnvironment().getRequiredProperty(portProperty, Integer.class);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      return Answer.read(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }

  /** A response: its status, its header lines, and whatever follows. */
  record Answer(int status, List<String> lines, String body) {
    private static Answer read(InputStream in) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int end;
      do {
        int next = in.read();
        if (next < 0) {
          break;
        }
        bytes.write(next);
        end = bytes.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
      } while (end < 0);
      List<String> lines =
          new ArrayList<>(List.of(bytes.toString(StandardCharsets.ISO_8859_1).split("\r\n")));
      int status = Integer.parseInt(lines.remove(0).split(" ")[1]);
      // A connection that was upgraded stays open.
      String body = status == 101 ? "" : new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      return new Answer(status, lines, body);
    }

    /** The values of a field, its lines in their order. */
    List<String> field(String name) {
      String start = name.toLowerCase() + ":";
      return lines.stream()
          .filter(line -> line.toLowerCase().startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .toList();
    }

    List<String> allowedOrigin() {
      return field("Access-Control-Allow-Origin");
    }

    List<String> vary() {
      return field("Vary");
    }
  }
}
