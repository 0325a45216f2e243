package io.onecors.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.onecors.DenialLog;
import io.onecors.Plan;
import io.onecors.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Puts what a CORS policy allows into the context of a Lambda authorizer, so that the gateway
 * responses of a REST API can have it: API Gateway answers a request that is not authorised by
 * itself, and without {@code Access-Control-Allow-Origin} no page can read that 401 or 403.
 *
 * <p>Three strings are added to the {@code context} of what the authorizer returns, whether it
 * allows or denies: {@code corsAllowOrigin}, {@code corsAllowCredentials} and {@code
 * corsExposeHeaders}, the values of those header fields for this request, or empty. A gateway
 * response reads them as {@code context.authorizer.corsAllowOrigin}. Where no rule governs the
 * path, nothing is added.
 *
 * <p>Two traps. API Gateway keeps the answer of an authorizer, which belongs to one origin: set
 * {@code authorizerResultTtlInSeconds} to 0, or have {@code Origin} among the identity sources. And
 * where an identity source is missing the answer is 401 without any authorizer, so without a
 * context.
 *
 * <p>Safe to use from any number of threads at once, if the authorizer is. Denials are logged to
 * the {@link System.Logger} named {@code io.onecors}.
 */
public class CorsAuthorizer implements RequestStreamHandler {
  private static final Map<String, String> CONTEXT =
      Map.of(
          "corsAllowOrigin", "Access-Control-Allow-Origin",
          "corsAllowCredentials", "Access-Control-Allow-Credentials",
          "corsExposeHeaders", "Access-Control-Expose-Headers");

  private final DenialLog denials = new DenialLog(System.getLogger("io.onecors"));
  private final Supplier<Policy> policy;
  private final RequestStreamHandler authorizer;
  private final String basePath;

  /**
   * An authorizer with a policy that it loads.
   *
   * @param policy {@code classpath:} and the name of a resource, or the path of a file
   * @param authorizer what allows and denies; {@link CorsHandler#typed} makes one of objects
   * @throws java.io.UncheckedIOException if the document cannot be read
   * @throws io.onecors.PolicyException if the document has problems; it lists all of them
   */
  public CorsAuthorizer(String policy, RequestStreamHandler authorizer) {
    this(policy, authorizer, "");
  }

  /**
   * An authorizer with a policy that it loads, behind a base path.
   *
   * @param policy {@code classpath:} and the name of a resource, or the path of a file
   * @param authorizer what allows and denies; {@link CorsHandler#typed} makes one of objects
   * @param basePath as in {@link CorsOptions#withBasePath}; empty for none
   * @throws java.io.UncheckedIOException if the document cannot be read
   * @throws io.onecors.PolicyException if the document has problems; it lists all of them
   */
  public CorsAuthorizer(String policy, RequestStreamHandler authorizer, String basePath) {
    Policy loaded = PolicyLocation.load(policy, getClass());
    this.policy = () -> loaded;
    this.authorizer = Objects.requireNonNull(authorizer, "authorizer");
    this.basePath = CorsOptions.DEFAULTS.withBasePath(basePath).basePath();
  }

  /**
   * An authorizer with a policy.
   *
   * @param policy the policy, not to be closed while the authorizer is in use
   * @param authorizer what allows and denies; {@link CorsHandler#typed} makes one of objects
   * @param basePath as in {@link CorsOptions#withBasePath}; empty for none
   */
  public CorsAuthorizer(Policy policy, RequestStreamHandler authorizer, String basePath) {
    this(() -> policy, authorizer, basePath);
    Objects.requireNonNull(policy, "policy");
  }

  /**
   * An authorizer with a policy that can be replaced.
   *
   * @param policy gives the policy in force and is asked once for each request; usually a {@link
   *     io.onecors.LivePolicy}, which is not closed by the authorizer
   * @param authorizer what allows and denies; {@link CorsHandler#typed} makes one of objects
   * @param basePath as in {@link CorsOptions#withBasePath}; empty for none
   */
  public CorsAuthorizer(Supplier<Policy> policy, RequestStreamHandler authorizer, String basePath) {
    this.policy = Objects.requireNonNull(policy, "policy");
    this.authorizer = Objects.requireNonNull(authorizer, "authorizer");
    this.basePath = CorsOptions.DEFAULTS.withBasePath(basePath).basePath();
  }

  /**
   * Asks the authorizer, and adds to its answer.
   *
   * @throws IllegalArgumentException if the event is that of an authorizer of the type TOKEN, which
   *     is shown no header fields
   */
  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    byte[] json = input.readAllBytes();
    Optional<Event> event = Event.read(json).filter(Event::isOfAuthorizer);
    if (event.isPresent() && event.get().isOfTokenAuthorizer()) {
      throw new IllegalArgumentException(
          "onecors: a TOKEN authorizer does not see the Origin header: make it a REQUEST authorizer,"
              + " with method.request.header.Authorization as an identity source");
    }
    Optional<Decision> decision = event.flatMap(this::decide);
    if (decision.isEmpty()) {
      authorizer.handleRequest(new ByteArrayInputStream(json), output, context);
      return;
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    authorizer.handleRequest(new ByteArrayInputStream(json), answer, context);
    output.write(withContext(answer.toByteArray(), decision.get()));
  }

  private Optional<Decision> decide(Event event) {
    return event
        .kindOfRequest()
        .flatMap(
            kind ->
                Decision.make(
                    policy.get(), event.request(kind, basePath), event.field("Host"), denials));
  }

  private static byte[] withContext(byte[] answer, Decision decision) throws IOException {
    JsonObject object = JsonObject.read(JsonText.of(answer));
    Optional<JsonObject> context =
        object == null ? Optional.empty() : object.objectOrNew("context");
    if (context.isEmpty()) {
      return answer;
    }
    List<Plan.Line> lines = decision.plan().lines(decision.request());
    CONTEXT.forEach(
        (key, name) -> context.get().set(key, out -> out.writeString(valueOf(name, lines))));
    object.set("context", context.get());
    return object.write();
  }

  private static String valueOf(String name, List<Plan.Line> lines) {
    return lines.stream()
        .filter(line -> line.name().equals(name))
        .map(Plan.Line::value)
        .findFirst()
        .orElse("");
  }
}
