package io.onecors.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;

/** Gives a handler of objects its events, and writes its answers, as Lambda's runtime would. */
final class TypedHandler implements RequestStreamHandler {
  private final RequestHandler<Object, Object> handler;
  private final PojoSerializer<Object> input;
  private final PojoSerializer<Object> output;

  @SuppressWarnings("unchecked") // The types are those that its own class gives.
  TypedHandler(RequestHandler<?, ?> handler) {
    this.handler = (RequestHandler<Object, Object>) handler;
    Type[] types = typesOf(handler.getClass());
    input = serializer(types[0], handler.getClass().getClassLoader());
    output = serializer(types[1], handler.getClass().getClassLoader());
  }

  @Override
  public void handleRequest(InputStream event, OutputStream answer, Context context) {
    output.toJson(handler.handleRequest(input.fromJson(event), context), answer);
  }

  private static Type[] typesOf(Class<?> handler) {
    for (Class<?> each = handler; each != null; each = each.getSuperclass()) {
      for (Type type : each.getGenericInterfaces()) {
        if (type instanceof ParameterizedType found
            && found.getRawType() == RequestHandler.class
            && Arrays.stream(found.getActualTypeArguments())
                .noneMatch(TypeVariable.class::isInstance)) {
          return found.getActualTypeArguments();
        }
      }
    }
    throw new IllegalArgumentException(
        handler.getName()
            + " does not declare its input and output types: implement"
            + " RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse>, or the like, in a"
            + " class; lambda expressions and type parameters have no types at run time");
  }

  /** Classes of aws-lambda-java-events need their own treatment, as in the runtime. */
  private static PojoSerializer<Object> serializer(Type type, ClassLoader loader) {
    if (type instanceof Class<?> event
        && LambdaEventSerializers.isLambdaSupportedEvent(event.getName())) {
      @SuppressWarnings("unchecked") // Of the class that the type is.
      Class<Object> known = (Class<Object>) event;
      return LambdaEventSerializers.serializerFor(known, loader);
    }
    return JacksonFactory.getInstance().getSerializer(type);
  }
}
