package io.onecors.spring.boot;

import io.onecors.Plan;
import io.onecors.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response to which a plan is applied when it starts, after everything that the application does
 * before it is committed: a {@code beforeCommit} of the application's could otherwise come later.
 */
class CorsServerHttpResponse extends ServerHttpResponseDecorator {
  private final List<Supplier<? extends Mono<Void>>> actions = new CopyOnWriteArrayList<>();
  private final Plan plan;
  private final Request request;

  private CorsServerHttpResponse(ServerHttpResponse response, Plan plan, Request request) {
    super(response);
    this.plan = plan;
    this.request = request;
    response.beforeCommit(this::commit);
  }

  static CorsServerHttpResponse of(ServerHttpResponse response, Plan plan, Request request) {
    return response instanceof ZeroCopyHttpOutputMessage
        ? new ZeroCopy(response, plan, request)
        : new CorsServerHttpResponse(response, plan, request);
  }

  @Override
  public void beforeCommit(Supplier<? extends Mono<Void>> action) {
    actions.add(action);
  }

  /** An action that fails does not keep the plan from the response to its error. */
  private Mono<Void> commit() {
    Mono<Void> apply = Mono.fromRunnable(this::apply);
    return Flux.concat(Flux.fromIterable(actions).map(Supplier::get))
        .then()
        .onErrorResume(error -> apply.then(Mono.error(error)))
        .then(apply);
  }

  private void apply() {
    plan.applyTo(new HttpHeaderFields(getHeaders()), request);
  }

  /** A response that can send a file without reading it. */
  private static final class ZeroCopy extends CorsServerHttpResponse
      implements ZeroCopyHttpOutputMessage {
    ZeroCopy(ServerHttpResponse response, Plan plan, Request request) {
      super(response, plan, request);
    }

    @Override
    public Mono<Void> writeWith(Path file, long position, long count) {
      return ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count);
    }
  }
}
