package com.example.functions;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/** Does what the event says under {@code handler}; returns an event that says nothing. */
public final class Script implements RequestHandler<Object, Object> {
  @Override
  public Object handleRequest(Object event, Context context) {
    if (!(event instanceof Map<?, ?> members)
        || !(members.get("handler") instanceof Map<?, ?> script)) {
      return event;
    }
    if (script.get("throws") instanceof String message) {
      throw new IllegalStateException(message);
    }
    return script.get("returns");
  }
}
