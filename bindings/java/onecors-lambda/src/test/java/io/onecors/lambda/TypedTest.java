package io.onecors.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Handlers of objects. */
class TypedTest {
  private static final String REST =
      """
      {"path": "/a", "httpMethod": "GET", "headers": {"Origin": "https://app.example.com"},
       "requestContext": {"stage": "prod"}, "queryStringParameters": {"id": "17"}}
      """;
  private static final String HTTP2 =
      """
      {"version": "2.0", "rawPath": "/a", "headers": {"origin": "https://app.example.com"},
       "requestContext": {"http": {"method": "GET"}}, "queryStringParameters": {"id": "17"}}
      """;

  private static JsonNode answer(RequestHandler<?, ?> handler, String event) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    new CorsHandler("classpath:cors.json", CorsHandler.typed(handler))
        .handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), output, null);
    JsonNode answer = Corpus.MAPPER.readTree(output.toByteArray());
    assertEquals(
        "https://app.example.com", answer.at("/headers/Access-Control-Allow-Origin").asText());
    return answer;
  }

  /** A handler of the events of REST APIs. */
  static final class Rest
      implements RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> {
    @Override
    public APIGatewayProxyResponseEvent handleRequest(
        APIGatewayProxyRequestEvent event, Context context) {
      return new APIGatewayProxyResponseEvent()
          .withStatusCode(201)
          .withMultiValueHeaders(Map.of("Vary", List.of("Accept")))
          .withBody("item " + event.getQueryStringParameters().get("id"));
    }
  }

  @Test
  void theEventsOfAwsAreTaken() throws IOException {
    JsonNode answer = answer(new Rest(), REST);
    assertEquals(201, answer.get("statusCode").asInt());
    assertEquals("item 17", answer.get("body").asText());
    assertEquals("Accept, Origin", answer.at("/headers/Vary").asText());
  }

  /** A handler of the events of HTTP APIs, whose types are those of the class above. */
  static class Http2 implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
    @Override
    public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
      return APIGatewayV2HTTPResponse.builder()
          .withStatusCode(200)
          .withCookies(List.of("a=1"))
          .withBody("item " + event.getQueryStringParameters().get("id"))
          .build();
    }
  }

  @Test
  void theTypesMayBeThoseOfAClassAbove() throws IOException {
    JsonNode answer = answer(new Http2() {}, HTTP2);
    assertEquals("item 17", answer.get("body").asText());
    assertEquals("a=1", answer.at("/cookies/0").asText());
  }

  /** An object of the user's own, which API Gateway takes for a body. */
  public record Item(String id, double price) {}

  /** A handler of maps. */
  static final class Maps implements RequestHandler<Map<String, Object>, Item> {
    @Override
    public Item handleRequest(Map<String, Object> event, Context context) {
      return new Item(String.valueOf(event.get("queryStringParameters")), 1.5);
    }
  }

  @Test
  void mapsAndOwnClassesAreTaken() throws IOException {
    JsonNode answer = answer(new Maps(), HTTP2);
    assertEquals(200, answer.get("statusCode").asInt());
    assertEquals("{\"id\":\"{id=17}\",\"price\":1.5}", answer.get("body").asText());
  }

  /** A handler that returns nothing. */
  static final class Nothing implements RequestHandler<Map<String, Object>, Void> {
    @Override
    public Void handleRequest(Map<String, Object> event, Context context) {
      return null;
    }
  }

  @Test
  void nothingIsNull() throws IOException {
    assertEquals("null", answer(new Nothing(), HTTP2).get("body").asText());
  }

  /** A handler that does not say its types. */
  static final class Generic<I> implements RequestHandler<I, I> {
    @Override
    public I handleRequest(I event, Context context) {
      return event;
    }
  }

  @Test
  void aHandlerWithoutTypesIsRefused() {
    RequestHandler<String, String> expression = (event, context) -> event;
    for (RequestHandler<?, ?> handler : List.of(expression, new Generic<String>())) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> CorsHandler.typed(handler));
      assertTrue(
          e.getMessage().contains("does not declare its input and output types"), e.getMessage());
    }
  }
}
