package io.onecors.servlet;

import io.onecors.ResponseHeaders;
import java.util.Collection;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.HttpStream;

/** Has the plan applied when the response starts, whoever makes it. */
final class JettyStream extends HttpStream.Wrapper {
  private final Exchange exchange;

  JettyStream(HttpStream stream, Exchange exchange) {
    super(stream);
    this.exchange = exchange;
  }

  @Override
  public void prepareResponse(HttpFields.Mutable headers) {
    exchange.plan().applyTo(new Fields(headers), exchange.view());
    super.prepareResponse(headers);
  }

  /** The fields of a response of Jetty. */
  private record Fields(HttpFields.Mutable fields) implements ResponseHeaders {
    @Override
    public Collection<String> names() {
      return fields.getFieldNamesCollection();
    }

    @Override
    public Collection<String> get(String name) {
      return fields.getFields(name).stream().map(HttpField::getValue).toList();
    }

    @Override
    public void set(String name, String value) {
      fields.put(name, value);
    }

    @Override
    public void remove(String name) {
      fields.remove(name);
    }
  }
}
