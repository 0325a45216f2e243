package io.onecors.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.yaml.snakeyaml.Yaml;

/** The vectors of applied plans, on Spring's own headers and on those of Netty. */
class HttpHeaderFieldsTest {
  record Case(
      String name,
      Map<String, Object> document,
      Map<String, String> request,
      List<List<String>> response,
      List<List<String>> expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** What is JSON is YAML. */
  @SuppressWarnings("unchecked")
  static Stream<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder())) {
      for (Path file : files.toList()) {
        Map<String, Object> vectors = new Yaml().load(Files.readString(file));
        for (Map<String, Object> one : (List<Map<String, Object>>) vectors.get("cases")) {
          Map<String, Object> expect = (Map<String, Object>) one.get("expect");
          cases.add(
              new Case(
                  (String) one.get("name"),
                  (Map<String, Object>) one.get("document"),
                  (Map<String, String>) one.get("request"),
                  (List<List<String>>) one.get("response"),
                  (List<List<String>>) expect.get("headers")));
        }
      }
    }
    return cases.stream();
  }

  private static Path folder() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("tests/conformance/responses"))) {
      folder = folder.getParent();
    }
    return folder.resolve("tests/conformance/responses");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void appliesThePlan(Case one) {
    try (Policy policy = Policy.fromJson(json(one.document))) {
      Request request =
          new Request(
              one.request.get("method"),
              one.request.get("path"),
              one.request.get("origin"),
              one.request.get("access_control_request_method"),
              one.request.get("access_control_request_headers"));
      Plan plan = policy.decide(request).plan();
      HttpHeaders onNetty = new HttpHeaders(new Netty4HeadersAdapter(new DefaultHttpHeaders()));
      for (HttpHeaders headers : List.of(new HttpHeaders(), onNetty)) {
        one.response.forEach(line -> headers.add(line.get(0), line.get(1)));

        plan.applyTo(new HttpHeaderFields(headers), request);

        HttpHeaderFields fields = new HttpHeaderFields(headers);
        List<String> lines =
            fields.names().stream()
                .map(String::toLowerCase)
                .distinct()
                .flatMap(name -> fields.get(name).stream().map(value -> name + ": " + value))
                .toList();
        assertThat(comparable(lines)).containsExactlyInAnyOrderElementsOf(expected(one));
      }
    }
  }

  private static List<String> expected(Case one) {
    return comparable(
        one.expected.stream().map(line -> line.get(0).toLowerCase() + ": " + line.get(1)).toList());
  }

  /** The lines of Vary count as one. */
  private static List<String> comparable(List<String> lines) {
    List<String> result =
        new ArrayList<>(lines.stream().filter(line -> !line.startsWith("vary:")).toList());
    String vary =
        lines.stream()
            .filter(line -> line.startsWith("vary:"))
            .map(line -> line.substring("vary: ".length()))
            .collect(Collectors.joining(", "));
    result.add("vary: " + vary);
    return result;
  }

  private static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream()
          .map(HttpHeaderFieldsTest::json)
          .collect(Collectors.joining(",", "[", "]"));
    }
    return value instanceof String text
        ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
        : String.valueOf(value);
  }
}
