import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.resource.loader.StringResourceLoader;

/**
 * Renders mapping templates as API Gateway does: with {@code $input.params().header} of a request,
 * and {@code $context.responseOverride}, which takes each override once.
 *
 * <p>Reads {@code [{"template": "...", "requests": [{"Origin": "..."}, ...]}, ...]} from standard
 * input, and writes a list of answers for each: {@code {"status", "headers", "body", "twice"}}.
 */
public final class Render {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String NAME = "template";

  private final Template template;

  private Render(Template template) {
    this.template = template;
  }

  public static void main(String[] arguments) throws Exception {
    var properties = new Properties();
    // Version 1 takes names with hyphens by itself, and so does API Gateway.
    properties.setProperty("parser.allow_hyphen_in_identifiers", "true");
    properties.setProperty("runtime.strict_mode.enable", "false");
    properties.setProperty(
        "runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    properties.setProperty("resource.loader", "string");
    properties.setProperty("string.resource.loader.class", StringResourceLoader.class.getName());
    var engine = new VelocityEngine(properties);
    engine.init();
    ArrayNode out = JSON.createArrayNode();
    for (JsonNode job : JSON.readTree(System.in)) {
      StringResourceLoader.getRepository().putStringResource(NAME, job.get("template").textValue());
      var render = new Render(engine.getTemplate(NAME));
      ArrayNode answers = out.addArray();
      for (JsonNode request : job.get("requests")) {
        answers.add(render.answer(request));
      }
    }
    System.out.println(out);
  }

  private ObjectNode answer(JsonNode request) {
    Map<String, String> fields = new LinkedHashMap<>();
    request.properties().forEach(field -> fields.put(field.getKey(), field.getValue().textValue()));
    List<String> twice = new ArrayList<>();
    Map<String, Object> headers = new Once(twice);
    Map<String, Object> override = new Once(twice);
    override.put("header", headers);
    var context = new VelocityContext();
    context.put("input", new Input(fields));
    context.put("context", Map.of("responseOverride", override));
    var body = new StringWriter();
    template.merge(context, body);
    ObjectNode answer = JSON.createObjectNode();
    answer.set("status", JSON.valueToTree(override.get("status")));
    answer.set("headers", JSON.valueToTree(headers));
    answer.put("body", body.toString());
    answer.set("twice", JSON.valueToTree(twice));
    return answer;
  }

  /** What templates know as {@code $input}. */
  public static final class Input {
    private final Map<String, String> fields;

    Input(Map<String, String> fields) {
      this.fields = fields;
    }

    public Map<String, Map<String, String>> params() {
      return Map.of("header", fields);
    }
  }

  /** A map that notes what is put into it a second time. */
  private static final class Once extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1L;

    private final transient List<String> twice;

    Once(List<String> twice) {
      this.twice = twice;
    }

    @Override
    public Object put(String name, Object value) {
      if (containsKey(name)) {
        twice.add(name);
      }
      return super.put(name, value);
    }
  }
}
