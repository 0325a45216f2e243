package com.example.functions;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.onecors.lambda.CorsAuthorizer;
import io.onecors.lambda.CorsHandler;
import io.onecors.lambda.CorsOptions;
import io.onecors.lambda.OnError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;

/** The function, which is a handler or an authorizer as the environment says. */
public final class Function implements RequestStreamHandler {
  private final RequestStreamHandler adapter;

  /** Called by the runtime interface client. */
  public Function() {
    String policy = System.getenv("POLICY");
    String basePath = System.getenv().getOrDefault("BASE_PATH", "");
    Script script = new Script();
    adapter =
        switch (System.getenv("FUNCTION")) {
          case "handler" ->
              new CorsHandler(policy, exact(script), new CorsOptions(onError(), basePath));
          case "authorizer" -> new CorsAuthorizer(policy, CorsHandler.typed(script), basePath);
          default -> throw new IllegalStateException("no FUNCTION " + System.getenv("FUNCTION"));
        };
  }

  /** The runtime's own serialisation leaves members out that are null. */
  private static RequestStreamHandler exact(Script script) {
    JsonMapper mapper = new JsonMapper();
    return (input, output, context) ->
        mapper.writeValue(
            output, script.handleRequest(mapper.readValue(input, Object.class), context));
  }

  private static OnError onError() {
    return OnError.valueOf(System.getenv("ON_ERROR").toUpperCase(Locale.ROOT));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    adapter.handleRequest(input, output, context);
  }
}
