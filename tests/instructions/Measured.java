import io.onecors.Policy;
import io.onecors.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The decision of the Java library. Each argument names a case: see {@code guard}. */
final class Measured {
  private Measured() {}

  private static native void begin();

  private static native void end();

  public static void main(String[] cases) throws IOException {
    System.load(System.getenv("MARKS"));
    for (String name : cases) {
      measure(Path.of(name));
    }
  }

  private static void measure(Path name) throws IOException {
    List<String> lines = Files.readAllLines(name);
    Policy policy = Policy.fromFile(Path.of(lines.get(0)));
    List<Request> requests = lines.stream().skip(1).map(Measured::request).toList();
    requests.forEach(policy::decide);
    begin();
    requests.forEach(policy::decide);
    end();
  }

  private static Request request(String line) {
    String[] fields = line.split("\t", -1);
    Request request = Request.of(fields[0], fields[1]);
    if (!fields[2].isEmpty()) {
      request = request.withOrigin(fields[2]);
    }
    if (!fields[3].isEmpty()) {
      request = request.withAccessControlRequestMethod(fields[3]);
    }
    if (!fields[4].isEmpty()) {
      request = request.withAccessControlRequestHeaders(fields[4]);
    }
    return request;
  }
}
