package io.onecors.servlet;

import io.onecors.Plan;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.util.ArrayList;
import java.util.List;

/**
 * A response that has the fields of a plan from the beginning, and keeps them.
 *
 * <p>A filter is not told when a response starts, and not every container can remove a field. So
 * what the application sets of the fields that the adapter owns does not get through, {@code Vary}
 * is merged whenever it changes, and a reset is followed by the plan again.
 */
final class CorsResponse extends HttpServletResponseWrapper {
  private final Exchange exchange;
  private final Plan plan;

  /** The lines of {@code Vary} as the application wants them; mostly it wants none. */
  private List<String> vary = List.of();

  CorsResponse(HttpServletResponse response, Exchange exchange) {
    super(response);
    this.exchange = exchange;
    plan = exchange.plan();
    if (response.containsHeader("Vary")) {
      vary = List.copyOf(response.getHeaders("Vary"));
    }
    plan.applyTo(new ResponseFields(response), exchange.view());
  }

  @Override
  public void reset() {
    super.reset();
    vary = List.of();
    plan.applyTo(new ResponseFields((HttpServletResponse) getResponse()), exchange.view());
  }

  @Override
  public void setHeader(String name, String value) {
    if ("Vary".equalsIgnoreCase(name)) {
      vary = List.of();
      addVary(value);
    } else if (!isOwned(name)) {
      super.setHeader(name, value);
    }
  }

  @Override
  public void addHeader(String name, String value) {
    if ("Vary".equalsIgnoreCase(name)) {
      addVary(value);
    } else if (!isOwned(name)) {
      super.addHeader(name, value);
    }
  }

  @Override
  public void setIntHeader(String name, int value) {
    if (!isOwned(name)) {
      super.setIntHeader(name, value);
    }
  }

  @Override
  public void addIntHeader(String name, int value) {
    if (!isOwned(name)) {
      super.addIntHeader(name, value);
    }
  }

  @Override
  public void setDateHeader(String name, long date) {
    if (!isOwned(name)) {
      super.setDateHeader(name, date);
    }
  }

  @Override
  public void addDateHeader(String name, long date) {
    if (!isOwned(name)) {
      super.addDateHeader(name, date);
    }
  }

  private static boolean isOwned(String name) {
    return name != null && Plan.owns(name);
  }

  /** Adds a line, and gives the response all lines that the application wants, merged. */
  private void addVary(String value) {
    if (value != null) {
      vary = new ArrayList<>(vary);
      vary.add(value);
    }
    List<String> lines = plan.mergeVary(vary).map(List::of).orElse(vary);
    super.setHeader("Vary", lines.isEmpty() ? null : lines.get(0));
    lines.stream().skip(1).forEach(line -> super.addHeader("Vary", line));
  }
}
