package io.onecors.lambda;

import io.onecors.Plan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The answers that a function gives to one request, in the form that its integration reads. */
final class Answers {
  private static final int OK = 200;
  private static final int INTERNAL_SERVER_ERROR = 500;

  private static final JsonText NULL = JsonText.of("null".getBytes(StandardCharsets.US_ASCII));

  private final Kind kind;
  private final Decision decision;

  Answers(Kind kind, Decision decision) {
    this.kind = kind;
    this.decision = decision;
  }

  /**
   * The answer of a handler, with the header fields of the policy and without those that are the
   * policy's alone.
   *
   * @throws IllegalStateException if it is not JSON, which its integration could not read either
   */
  byte[] complete(byte[] answer) throws IOException {
    JsonText text = JsonText.of(answer).trimmed();
    if (text.isEmpty()) {
      text = NULL; // What Lambda's runtime writes for a handler that returns nothing.
    }
    JsonObject object = JsonObject.read(text);
    if (kind.infersAnswers() && (object == null || !object.has("statusCode"))) {
      object = infer(text);
    }
    Optional<AnswerFields> fields =
        object == null ? Optional.empty() : AnswerFields.of(kind, object);
    return fields.isEmpty() ? answer : complete(object, fields.get());
  }

  /** What API Gateway would make of an answer that has no place for header fields. */
  private static JsonObject infer(JsonText text) {
    JsonObject headers = new JsonObject();
    headers.set("content-type", out -> out.writeString("application/json"));
    JsonObject answer = new JsonObject();
    answer.set("statusCode", out -> out.writeNumber(OK));
    answer.set("headers", headers);
    if (text.isText()) {
      answer.set("body", text);
    } else {
      byte[] body = text.compact();
      answer.set("body", out -> out.writeUTF8String(body, 0, body.length));
    }
    answer.set("isBase64Encoded", out -> out.writeBoolean(false));
    return answer;
  }

  /** An answer without a body, which ends here. */
  byte[] empty(int status) throws IOException {
    return own(status, "", Map.of());
  }

  /** The answer in the place of an exception. */
  byte[] failure() throws IOException {
    return own(
        INTERNAL_SERVER_ERROR,
        "Internal Server Error",
        Map.of("Content-Type", "text/plain; charset=utf-8"));
  }

  private byte[] own(int status, String body, Map<String, String> headers) throws IOException {
    JsonObject answer = new JsonObject();
    answer.set("statusCode", out -> out.writeNumber(status));
    if (kind.describesStatus()) {
      answer.set("statusDescription", out -> out.writeString(describe(status)));
    }
    answer.set("body", out -> out.writeString(body));
    answer.set("isBase64Encoded", out -> out.writeBoolean(false));
    AnswerFields fields = AnswerFields.of(kind, answer).orElseThrow();
    headers.forEach(fields::add);
    return complete(answer, fields);
  }

  private static String describe(int status) {
    return switch (status) {
      case 204 -> "204 No Content";
      case 403 -> "403 Forbidden";
      case INTERNAL_SERVER_ERROR -> "500 Internal Server Error";
      default -> status + " OK";
    };
  }

  private byte[] complete(JsonObject answer, AnswerFields fields) {
    Plan plan = decision.plan();
    Collection<String> vary = fields.get("Vary");
    if (!vary.isEmpty() && !plan.vary().isEmpty()) {
      fields.set("Vary", String.join(", ", vary)); // One map has no room for several lines of it.
    }
    plan.applyTo(fields, decision.request());
    fields.store(answer);
    return answer.write();
  }
}
