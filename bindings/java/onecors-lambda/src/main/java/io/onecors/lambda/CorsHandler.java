package io.onecors.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.onecors.DenialLog;
import io.onecors.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Puts a CORS policy in front of a handler.
 *
 * <p>Lambda creates the handler from its class name, so write a subclass whose constructor names
 * the policy and your handler:
 *
 * <pre>{@code
 * public final class Orders extends CorsHandler {
 *   public Orders() {
 *     super("classpath:cors.json", typed(new OrdersHandler()));
 *   }
 * }
 * }</pre>
 *
 * <p>It answers preflights, and gives every answer of the handler on a governed path the header
 * fields of the policy. What the handler itself sets there of {@code Access-Control-Allow-*},
 * {@code -Expose-Headers} and {@code -Max-Age} is dropped, and its {@code Vary} is merged. The rest
 * of the answer stays as it is, byte for byte. An event goes on to the handler as the bytes that
 * came; one that is of no HTTP request, and one whose path no rule governs, goes straight through.
 *
 * <p>Events are those of REST and HTTP APIs of API Gateway, function URLs, Application Load
 * Balancers and VPC Lattice. Leave the CORS settings of the API or the function URL off: what they
 * add comes on top.
 *
 * <p>Safe to use from any number of threads at once, if the handler is. Denials are logged to the
 * {@link System.Logger} named {@code io.onecors}.
 */
public class CorsHandler implements RequestStreamHandler {
  private static final System.Logger LOGGER = System.getLogger("io.onecors");

  private final DenialLog denials = new DenialLog(LOGGER);
  private final Supplier<Policy> policy;
  private final RequestStreamHandler handler;
  private final CorsOptions options;

  /**
   * A handler with a policy that it loads, and the options as they are by default.
   *
   * @param policy {@code classpath:} and the name of a resource, or the path of a file
   * @param handler what answers
   * @throws java.io.UncheckedIOException if the document cannot be read
   * @throws io.onecors.PolicyException if the document has problems; it lists all of them
   */
  public CorsHandler(String policy, RequestStreamHandler handler) {
    this(policy, handler, CorsOptions.DEFAULTS);
  }

  /**
   * A handler with a policy that it loads.
   *
   * @param policy {@code classpath:} and the name of a resource, or the path of a file
   * @param handler what answers
   * @param options the options
   * @throws java.io.UncheckedIOException if the document cannot be read
   * @throws io.onecors.PolicyException if the document has problems; it lists all of them
   */
  public CorsHandler(String policy, RequestStreamHandler handler, CorsOptions options) {
    Policy loaded = PolicyLocation.load(policy, getClass());
    this.policy = () -> loaded;
    this.handler = Objects.requireNonNull(handler, "handler");
    this.options = Objects.requireNonNull(options, "options");
  }

  /**
   * A handler with a policy.
   *
   * @param policy the policy, not to be closed while the handler is in use
   * @param handler what answers
   * @param options the options
   */
  public CorsHandler(Policy policy, RequestStreamHandler handler, CorsOptions options) {
    this(() -> policy, handler, options);
    Objects.requireNonNull(policy, "policy");
  }

  /**
   * A handler with a policy that can be replaced.
   *
   * @param policy gives the policy in force and is asked once for each request; usually a {@link
   *     io.onecors.LivePolicy}, which is not closed by the handler
   * @param handler what answers
   * @param options the options
   */
  public CorsHandler(Supplier<Policy> policy, RequestStreamHandler handler, CorsOptions options) {
    this.policy = Objects.requireNonNull(policy, "policy");
    this.handler = Objects.requireNonNull(handler, "handler");
    this.options = Objects.requireNonNull(options, "options");
  }

  /**
   * A handler of objects as one of streams, with the serialisation of Lambda's runtime, which has
   * to be in the class path: {@code com.amazonaws:aws-lambda-java-serialization}. It is there on
   * Lambda, and where the runtime interface client is.
   *
   * @param handler a handler whose class, or one above it, implements {@link RequestHandler} with
   *     the types that it takes and returns
   * @return the handler, for a constructor
   * @throws IllegalArgumentException if the class does not say its types, as that of a lambda
   *     expression
   */
  public static RequestStreamHandler typed(RequestHandler<?, ?> handler) {
    return new TypedHandler(handler);
  }

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    byte[] json = input.readAllBytes();
    Optional<Event> event = Event.read(json);
    Optional<Kind> kind = event.flatMap(Event::kind);
    Optional<Decision> decision = kind.flatMap(known -> decide(event.get(), known));
    if (decision.isEmpty()) {
      handler.handleRequest(new ByteArrayInputStream(json), output, context);
      return;
    }
    Answers answers = new Answers(kind.get(), decision.get());
    OptionalInt status = decision.get().plan().status();
    output.write(
        status.isPresent() ? answers.empty(status.getAsInt()) : answer(answers, json, context));
  }

  private Optional<Decision> decide(Event event, Kind kind) {
    return Decision.make(
        policy.get(), event.request(kind, options.basePath()), event.field("Host"), denials);
  }

  private byte[] answer(Answers answers, byte[] event, Context context) throws IOException {
    try {
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      handler.handleRequest(new ByteArrayInputStream(event), answer, context);
      return answers.complete(answer.toByteArray());
    } catch (Exception e) {
      if (options.onError() == OnError.RAISE) {
        throw e;
      }
      LOGGER.log(System.Logger.Level.ERROR, "onecors: the handler failed; responding with 500", e);
      return answers.failure();
    }
  }
}
