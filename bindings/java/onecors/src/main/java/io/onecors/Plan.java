package io.onecors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The answer that a verdict names: what an adapter does to the response. Immutable.
 *
 * @param status with a status, the answer ends here, without a body (preflights only); without one,
 *     the application answers
 * @param headers the header lines to set, replacing any of the same name, in this order
 * @param vary the tokens to merge into {@code Vary}, in this order; empty when {@code Vary} is to
 *     be left alone
 */
public record Plan(OptionalInt status, List<Header> headers, List<String> vary) {
  /**
   * A plan that nobody can change: the lists are copied.
   *
   * @param status the status of an answer that ends here
   * @param headers the header lines to set
   * @param vary the tokens to merge into {@code Vary}
   */
  public Plan {
    headers = List.copyOf(headers);
    vary = List.copyOf(vary);
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
      lines.add(new Line("Vary", String.join(", ", vary)));
    }
    return lines;
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
