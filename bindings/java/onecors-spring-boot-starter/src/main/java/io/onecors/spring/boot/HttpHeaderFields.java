package io.onecors.spring.boot;

import io.onecors.ResponseHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.util.LinkedCaseInsensitiveMap;

/**
 * Header fields of Spring. This uses only those methods of {@link HttpHeaders} that have the same
 * signatures in Spring Framework 6, where it is a map, and 7, where it is none.
 *
 * @param headers the fields
 */
record HttpHeaderFields(HttpHeaders headers) implements ResponseHeaders {
  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    headers.forEach((name, lines) -> names.add(name));
    return names;
  }

  @Override
  public List<String> get(String name) {
    // Most fields that are asked for are not there, and need no search.
    return headers.getFirst(name) == null ? List.of() : all().getOrDefault(name, List.of());
  }

  @Override
  public void set(String name, String value) {
    headers.set(name, value);
  }

  @Override
  public void remove(String name) {
    Map<String, List<String>> all = all();
    all.remove(name);
    headers.clear();
    all.forEach(headers::addAll);
  }

  /** A copy. Netty tells each spelling of a name apart, and gives each the lines of all. */
  private Map<String, List<String>> all() {
    Map<String, List<String>> all = new LinkedCaseInsensitiveMap<>();
    headers.forEach((name, lines) -> all.put(name, List.copyOf(lines)));
    return all;
  }
}
