package io.onecors.lambda;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onecors.Request;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What an event says of an HTTP request, as far as a policy looks at it. A member of another type
 * than the documented one counts as absent.
 */
final class Event {
  /** Reads the event once from start to end, and skips what is not named here. */
  private final JsonParser parser;

  private final Fields headers = new Fields();
  private final Fields multiValueHeaders = new Fields();
  private boolean hasMultiValueHeaders;
  private String version;
  private String type;
  private String arn;
  private String httpMethod;
  private String method;
  private String path;
  private String rawPath;
  private String latticePath;

  private boolean hasContext;
  private boolean isOfBalancer;
  private boolean isOfHttp;
  private boolean isOfLattice;
  private String contextMethod;
  private String connectionId;
  private String stage;
  private String domainName;

  private Event(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads an event.
   *
   * @return the event; nothing where it is no JSON object
   */
  static Optional<Event> read(byte[] json) {
    try (JsonParser parser = Json.FACTORY.createParser(json)) {
      parser.nextToken();
      Event event = new Event(parser);
      Json.readMembers(parser, event::readMember);
      // A text that breaks off, or goes on, was not understood, and is not taken for a request.
      return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null
          ? Optional.of(event)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void readMember(String name) throws IOException {
    switch (name) {
      case "version" -> version = text();
      case "type" -> type = text();
      case "methodArn", "routeArn" -> arn = text();
      case "httpMethod" -> httpMethod = text();
      case "method" -> method = text();
      case "path" -> path = text();
      case "rawPath" -> rawPath = text();
      case "raw_path" -> latticePath = text();
      case "headers" -> Json.readMembers(parser, headers::read);
      case "multiValueHeaders" -> {
        hasMultiValueHeaders = isObject();
        Json.readMembers(parser, multiValueHeaders::read);
      }
      case "requestContext" -> {
        hasContext = isObject();
        Json.readMembers(parser, this::readContext);
      }
      default -> {}
    }
  }

  private void readContext(String name) throws IOException {
    switch (name) {
      case "elb" -> isOfBalancer = isObject();
      case "serviceArn", "serviceNetworkArn" -> isOfLattice |= text() != null;
      case "connectionId" -> connectionId = text();
      case "stage" -> stage = text();
      case "domainName" -> domainName = text();
      case "http" -> {
        isOfHttp = isObject();
        Json.readMembers(parser, this::readHttp);
      }
      default -> {}
    }
  }

  private void readHttp(String name) throws IOException {
    if (name.equals("method")) {
      contextMethod = text();
    }
  }

  private boolean isObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  private String text() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
  }

  /** Whether it asks a Lambda authorizer, whose answer is no HTTP response. */
  boolean isOfAuthorizer() {
    return type != null && arn != null;
  }

  /** Whether it asks an authorizer that is shown a token, and no header field. */
  boolean isOfTokenAuthorizer() {
    return isOfAuthorizer() && type.equals("TOKEN");
  }

  /** What handed the request to the function; nothing where the event is of no HTTP request. */
  Optional<Kind> kind() {
    // The messages of a WebSocket API have a connection.
    return isOfAuthorizer() || connectionId != null ? Optional.empty() : kindOfRequest();
  }

  /** The same for the event of an authorizer, which has the request's members beside its own. */
  Optional<Kind> kindOfRequest() {
    return Optional.ofNullable(findKind())
        .filter(kind -> method(kind) != null && receivedPath(kind) != null);
  }

  private Kind findKind() {
    if (isOfBalancer) {
      return hasMultiValueHeaders ? Kind.ALB_MULTI : Kind.ALB;
    }
    if ("2.0".equals(version) && isOfHttp) {
      boolean isOfUrl = domainName != null && domainName.contains(".lambda-url.");
      return isOfUrl ? Kind.FUNCTION_URL : Kind.HTTP2;
    }
    if (isOfLattice) {
      return Kind.LATTICE2;
    }
    if (latticePath != null) {
      return Kind.LATTICE1;
    }
    if (httpMethod != null && hasContext) {
      return "1.0".equals(version) ? Kind.HTTP1 : Kind.REST;
    }
    return null;
  }

  /** The request that the event is of. */
  Request request(Kind kind, String basePath) {
    return new Request(
        method(kind),
        path(kind, basePath),
        field("Origin"),
        field("Access-Control-Request-Method"),
        field("Access-Control-Request-Headers"));
  }

  private String method(Kind kind) {
    return switch (kind) {
      case REST, HTTP1, ALB, ALB_MULTI -> httpMethod;
      case HTTP2, FUNCTION_URL -> contextMethod;
      case LATTICE1, LATTICE2 -> method;
    };
  }

  private String receivedPath(Kind kind) {
    return switch (kind) {
      case REST, HTTP1, ALB, ALB_MULTI, LATTICE2 -> path;
      case HTTP2, FUNCTION_URL -> rawPath;
      case LATTICE1 -> latticePath;
    };
  }

  private String path(Kind kind, String basePath) {
    String received = receivedPath(kind);
    int query = received.indexOf('?');
    String whole = query < 0 ? received : received.substring(0, query);
    return without(basePath, kind == Kind.HTTP2 ? without(stagePrefix(), whole) : whole);
  }

  /** The API's own domain has the stage in front of every path; a domain of the user's has not. */
  private String stagePrefix() {
    boolean isInPath =
        stage != null
            && !stage.equals("$default")
            && domainName != null
            && domainName.contains(".execute-api.");
    return isInPath ? "/" + stage : "";
  }

  private static String without(String prefix, String path) {
    // The prefix /v1 is none of /v10.
    boolean isPrefix =
        path.startsWith(prefix)
            && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    String rest = isPrefix ? path.substring(prefix.length()) : path;
    return rest.isEmpty() ? "/" : rest;
  }

  /** The lines of a field as one value; null when there are none. */
  String field(String name) {
    String value = multiValueHeaders.get(name);
    return value == null ? headers.get(name) : value;
  }

  /** The fields that matter, of all that a request may have. */
  private final class Fields {
    private static final List<String> NAMES =
        List.of(
            "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Host");

    private final StringJoiner[] values = new StringJoiner[NAMES.size()];

    /** The case of names is the client's: a REST API leaves it as it is. */
    void read(String name) throws IOException {
      for (int i = 0; i < values.length; i++) {
        if (NAMES.get(i).equalsIgnoreCase(name)) {
          for (String line : Json.readTexts(parser)) {
            values[i] = values[i] == null ? new StringJoiner(", ") : values[i];
            values[i].add(trim(line));
          }
        }
      }
    }

    String get(String name) {
      StringJoiner value = values[NAMES.indexOf(name)];
      return value == null ? null : value.toString();
    }
  }

  /**
   * A line without the white space around it, which is none of its value: RFC 9110, section 5.5.
   */
  private static String trim(String line) {
    int from = 0;
    int to = line.length();
    while (from < to && isWhiteSpace(line.charAt(from))) {
      from++;
    }
    while (from < to && isWhiteSpace(line.charAt(to - 1))) {
      to--;
    }
    return line.substring(from, to);
  }

  private static boolean isWhiteSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
