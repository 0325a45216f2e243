package consumer;

import io.onecors.Plan;
import io.onecors.Policy;
import io.onecors.PolicyException;
import io.onecors.Problem;
import io.onecors.Reason;
import io.onecors.Request;
import io.onecors.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Uses the installed package as a service would. */
public final class Consumer {
  private static final String APP = "https://app.lantern.example";
  private static final String SHOP = "https://northwind.shops.lantern.example";
  private static final List<Request> REQUESTS =
      List.of(
          new Request("GET", "/orders/7", APP, null, null),
          new Request("OPTIONS", "/orders/7", SHOP, "PUT", "content-type"),
          new Request("OPTIONS", "/orders/7", SHOP, "PUT", "x-debug"),
          new Request("GET", "/orders/7", APP + ".reader.example", null, null),
          new Request("GET", "/catalogue/9780140328721", null, null, null),
          new Request("GET", "/healthz", APP, null, null));

  private Consumer() {}

  public static void main(String[] arguments) throws IOException {
    try (Policy policy = Policy.fromFile(Path.of("policy.json"))) {
      for (Request request : REQUESTS) {
        Verdict verdict = policy.decide(request);
        Plan plan = verdict.plan();
        String reason = verdict.reason().map(Reason::code).orElse("-");
        String status = plan.status().isPresent() ? "" + plan.status().getAsInt() : "-";
        System.out.printf(
            "%s %s: %s %s %s%n",
            request.method(), request.path(), verdict.outcome().code(), reason, status);
        for (Plan.Line line : plan.lines(request)) {
          System.out.println("  " + line.name() + ": " + line.value());
        }
      }
    }

    try {
      Policy.fromFile(Path.of("bad.json")).close();
    } catch (PolicyException error) {
      for (Problem problem : error.problems()) {
        System.out.println(problem.pointer() + ": " + problem.code());
      }
    }

    List<String> libraries =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(line -> line.contains("onecors") && line.contains(".so"))
            .map(line -> line.substring(line.indexOf('/')))
            .toList();
    String clean = System.getenv("CLEAN");
    if (libraries.isEmpty() || !libraries.stream().allMatch(path -> path.startsWith(clean))) {
      throw new IllegalStateException("loaded from " + libraries);
    }
    System.out.println("loaded from the clean place");
  }
}
