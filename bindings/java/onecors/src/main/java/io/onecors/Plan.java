package io.onecors;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/** The answer that a verdict names: what an adapter does to the response. Immutable. */
public final class Plan {
  private static final String ALLOW = "Access-Control-Allow-";

  private final OptionalInt status;
  private final List<Header> headers;
  private final List<String> vary;

  /** What nearly every response gets: it has no {@code Vary} of its own. */
  private final String varyLine;

  /**
   * A plan that nobody can change: the lists are copied.
   *
   * @param status the status of an answer that ends here
   * @param headers the header lines to set
   * @param vary the tokens to merge into {@code Vary}
   */
  public Plan(OptionalInt status, List<Header> headers, List<String> vary) {
    this.status = Objects.requireNonNull(status, "status");
    this.headers = List.copyOf(headers);
    this.vary = List.copyOf(vary);
    varyLine = String.join(", ", vary);
  }

  /**
   * With a status, the answer ends here, without a body (preflights only); without one, the
   * application answers.
   *
   * @return the status, or nothing
   */
  public OptionalInt status() {
    return status;
  }

  /**
   * The header lines to set, replacing any of the same name, in this order.
   *
   * @return the lines, unmodifiable
   */
  public List<Header> headers() {
    return headers;
  }

  /**
   * The tokens to merge into {@code Vary}, in this order; empty when {@code Vary} is to be left
   * alone.
   *
   * @return the tokens, unmodifiable
   */
  public List<String> vary() {
    return vary;
  }

  /**
   * The lines of a response that has no header fields yet.
   *
   * @param request the request that was decided on
   * @return the lines in their order, {@code Vary} last
   */
  public List<Line> lines(Request request) {
    List<Line> lines = new ArrayList<>(headers.size() + 1);
    for (Header header : headers) {
      lines.add(new Line(header.name(), header.render(request)));
    }
    if (!vary.isEmpty()) {
      lines.add(new Line("Vary", varyLine));
    }
    return lines;
  }

  /**
   * Puts this plan into a response that the application may have set fields of: removes what {@link
   * #owns} names, sets the header lines, and merges the tokens of {@code Vary}. All other fields
   * stay as they are, and so does everything where no rule governs the path.
   *
   * <p>To be called when the response starts. The status is the caller's to set.
   *
   * @param response the header fields of the response
   * @param request the request that was decided on
   */
  public void applyTo(ResponseHeaders response, Request request) {
    if (headers.isEmpty() && vary.isEmpty()) {
      return; // Only the plan for paths that no rule governs is empty.
    }
    Collection<String> names = response.names();
    if (names.isEmpty()) {
      for (Header header : headers) {
        response.add(header.name(), header.render(request));
      }
      addVary(response);
    } else {
      merge(response, List.copyOf(names), request);
    }
  }

  private void merge(ResponseHeaders response, List<String> names, Request request) {
    boolean hasVary = false;
    for (String name : names) {
      hasVary |= name.equalsIgnoreCase("Vary");
      if (owns(name)) {
        response.remove(name);
      }
    }
    for (Header header : headers) {
      response.set(header.name(), header.render(request));
    }
    if (hasVary) {
      mergeVary(response.get("Vary")).ifPresent(merged -> response.set("Vary", merged));
    } else {
      addVary(response);
    }
  }

  private void addVary(ResponseHeaders response) {
    if (!vary.isEmpty()) {
      response.add("Vary", varyLine);
    }
  }

  /**
   * The value of {@code Vary} that has the tokens of this plan too.
   *
   * @param lines the values that the response has, in their order
   * @return the value; empty when nothing is missing, or when {@code *} says it all
   */
  public Optional<String> mergeVary(Collection<String> lines) {
    String existing = String.join(", ", lines);
    Set<String> tokens = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String token : existing.split(",")) {
      tokens.add(token.strip());
    }
    if (tokens.contains("*")) {
      return Optional.empty();
    }
    StringJoiner merged = new StringJoiner(", ");
    if (!existing.isBlank()) {
      merged.add(existing);
    }
    int found = merged.length();
    vary.stream().filter(token -> !tokens.contains(token)).forEach(merged::add);
    return merged.length() == found ? Optional.empty() : Optional.of(merged.toString());
  }

  /**
   * Whether a header field is the adapter's alone where a rule governs the path, so that what the
   * application sets there is removed: {@code Access-Control-Expose-Headers}, {@code
   * Access-Control-Max-Age}, and all that begin with {@code Access-Control-Allow-}.
   *
   * @param name the name of the field, in any case
   * @return whether the adapter owns it
   */
  public static boolean owns(String name) {
    return name.regionMatches(true, 0, ALLOW, 0, ALLOW.length())
        || name.equalsIgnoreCase("Access-Control-Expose-Headers")
        || name.equalsIgnoreCase("Access-Control-Max-Age");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Plan plan
        && status.equals(plan.status)
        && headers.equals(plan.headers)
        && vary.equals(plan.vary);
  }

  @Override
  public int hashCode() {
    return Objects.hash(status, headers, vary);
  }

  @Override
  public String toString() {
    return "Plan[status=" + status + ", headers=" + headers + ", vary=" + vary + "]";
  }

  /**
   * One header line of a plan: either a fixed value or a part of the request.
   *
   * @param name the name in the Fetch standard's spelling, such as {@code
   *     Access-Control-Allow-Origin}
   * @param value the fixed value; empty when {@code echo} is not
   * @param echo the part of the request that is the value; empty when {@code value} is not
   */
  public record Header(String name, Optional<String> value, Optional<Slot> echo) {
    /**
     * The value to send in answer to a request.
     *
     * @param request the request that was decided on
     * @return the fixed value, or the part of the request as it was received
     */
    public String render(Request request) {
      if (value.isPresent()) {
        return value.get();
      }
      // A plan echoes only what the decision that chose it found present.
      String part = echo.orElseThrow().of(request);
      return part == null ? "" : part;
    }
  }

  /** A part of the request that a plan echoes. */
  public enum Slot {
    // In the order of the engine's numbers, which begin with 1.

    /** The request's {@code Origin}. */
    ORIGIN,
    /** The request's {@code Access-Control-Request-Method}. */
    ACCESS_CONTROL_REQUEST_METHOD,
    /** The request's {@code Access-Control-Request-Headers}. */
    ACCESS_CONTROL_REQUEST_HEADERS;

    /**
     * What a request has in this place.
     *
     * @param request any request
     * @return the value as it was received; null when it is absent
     */
    public String of(Request request) {
      return switch (this) {
        case ORIGIN -> request.origin();
        case ACCESS_CONTROL_REQUEST_METHOD -> request.accessControlRequestMethod();
        case ACCESS_CONTROL_REQUEST_HEADERS -> request.accessControlRequestHeaders();
      };
    }
  }

  /**
   * One header line of a response.
   *
   * @param name the name of the field
   * @param value its value
   */
  public record Line(String name, String value) {
    @Override
    public String toString() {
      return name + ": " + value;
    }
  }

  /** Reads the table that {@link Native#plans} returns. */
  static List<Plan> unpackAll(byte[] table) {
    Unpacker unpacker = new Unpacker(table);
    return unpacker.list(
        () -> {
          int status = unpacker.number();
          List<Header> headers = unpacker.list(() -> unpackHeader(unpacker));
          List<String> vary = unpacker.list(unpacker::text);
          return new Plan(
              status == 0 ? OptionalInt.empty() : OptionalInt.of(status), headers, vary);
        });
  }

  private static Header unpackHeader(Unpacker unpacker) {
    String name = unpacker.text();
    Optional<String> value = Optional.ofNullable(unpacker.text());
    int slot = unpacker.number();
    return new Header(
        name, value, slot == 0 ? Optional.empty() : Optional.of(Slot.values()[slot - 1]));
  }
}
