package io.onecors.spring.boot;

import io.onecors.DenialLog;
import io.onecors.Outcome;
import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.Request;
import io.onecors.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/**
 * Puts a policy in front of a reactive application: answers preflights, refuses WebSocket
 * handshakes from origins that the policy does not allow, and gives every other response of a
 * governed path the header fields of the policy at the moment when it starts.
 */
final class CorsHttpHandler implements HttpHandler {
  private final DenialLog denials = new DenialLog(OneCorsAutoConfiguration.LOGGER);
  private final Supplier<Policy> policies;
  private final HttpHandler application;

  CorsHttpHandler(Supplier<Policy> policies, HttpHandler application) {
    this.policies = policies;
    this.application = application;
  }

  @Override
  public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
    Policy policy = policies.get();
    Request view =
        new Request(
            request.getMethod().name(),
            path(request.getPath()),
            field(request, HttpHeaders.ORIGIN),
            field(request, HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD),
            field(request, HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS));
    Verdict verdict = policy.decide(view);
    boolean governed = verdict.outcome() != Outcome.UNGOVERNED;
    String host = field(request, HttpHeaders.HOST);
    if (!governed && isRefusedHandshake(request, policy, view, host)) {
      return end(request, response, HttpStatus.FORBIDDEN);
    }
    if (!governed) {
      return application.handle(request, response);
    }
    denials.report(policy, verdict, view, host);
    Plan plan = verdict.plan();
    CorsServerHttpResponse answer = CorsServerHttpResponse.of(response, plan, view);
    if (plan.status().isPresent()) {
      return end(request, answer, HttpStatusCode.valueOf(plan.status().getAsInt()));
    }
    if (isRefusedHandshake(request, policy, view, host)) {
      return end(request, answer, HttpStatus.FORBIDDEN);
    }
    return Mono.defer(() -> application.handle(request, answer))
        .onErrorResume(error -> fail(answer, error));
  }

  /**
   * Ends a response here, without a body. That of the request is read first: Reactor Netty 1.2
   * reads nothing more from a connection when the last of several pipelined requests is answered
   * unread.
   */
  private static Mono<Void> end(
      ServerHttpRequest request, ServerHttpResponse response, HttpStatusCode status) {
    response.setStatusCode(status);
    if (!status.equals(HttpStatus.NO_CONTENT) && !status.equals(HttpStatus.RESET_CONTENT)) {
      response.getHeaders().setContentLength(0);
    }
    return request
        .getBody()
        .doOnNext(DataBufferUtils::release)
        .then(Mono.defer(response::setComplete));
  }

  /** The server's own answer to an error would not have the fields of the policy. */
  private static Mono<Void> fail(ServerHttpResponse response, Throwable error) {
    if (response.isCommitted()) {
      return Mono.error(error);
    }
    byte[] body = "Internal Server Error".getBytes(StandardCharsets.US_ASCII);
    response.setStatusCode(HttpStatus.INTERNAL_SERVER_ERROR);
    response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
    response.getHeaders().setContentLength(body.length);
    return response
        .writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)))
        .then(Mono.error(error));
  }

  /** RFC 6455, section 4.2.1; over HTTP/2 it is an extended CONNECT, RFC 8441, section 4. */
  private static boolean isHandshake(ServerHttpRequest request) {
    if (request.getMethod().name().equals("CONNECT")) {
      return true;
    }
    String upgrade = field(request, HttpHeaders.UPGRADE);
    return request.getMethod().equals(HttpMethod.GET)
        && upgrade != null
        && List.of(upgrade.split(",")).stream()
            .anyMatch(token -> token.strip().equalsIgnoreCase("websocket"));
  }

  /**
   * Whether this is a page's handshake that ends here. One on a path that no rule governs may,
   * since another reading of the path may have a rule.
   */
  private static boolean isRefusedHandshake(
      ServerHttpRequest request, Policy policy, Request view, String host) {
    return view.origin() != null
        && isHandshake(request)
        && !policy.checkOrigin(view.path(), view.origin(), host);
  }

  /** The lines of a field as one value; null when there are none. */
  private static String field(ServerHttpRequest request, String name) {
    List<String> lines = new HttpHeaderFields(request.getHeaders()).get(name);
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  /**
   * The path as Spring matches it: each segment decoded, without its parameters. A slash that was
   * encoded stays so, since it separates nothing.
   */
  private static String path(PathContainer path) {
    StringBuilder routed = new StringBuilder(path.value().length());
    for (PathContainer.Element element : path.elements()) {
      routed.append(
          element instanceof PathContainer.PathSegment segment
              ? segment.valueToMatch().replace("/", "%2F")
              : element.value());
    }
    return routed.toString();
  }
}
