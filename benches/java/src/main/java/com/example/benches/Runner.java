package com.example.benches;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardServer;
import org.apache.catalina.startup.Tomcat;

/** Calls filters as Tomcat does, with a chain that ends at once. */
final class Runner {
  private final Call call;
  private final ServletContext context;
  private int reached;
  private int turn;

  /** Stands in the place of the servlet. */
  private final FilterChain chain = (request, response) -> reached++;

  Runner() throws IOException, LifecycleException {
    Path base = Files.createTempDirectory("benches");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Context application = tomcat.addContext("", null);
    Wrapper servlet = Tomcat.addServlet(application, "items", new ItemsServlet());
    servlet.addMapping("/items");
    ((StandardServer) tomcat.getServer()).setUtilityThreadsAsDaemon(true);
    // It has no connector, so nothing listens.
    tomcat.start();
    call = new Call(new Connector(), application, servlet);
    context = application.getServletContext();
  }

  ServletContext context() {
    return context;
  }

  /** What became of one request. */
  record Result(int status, boolean isReached, Map<String, String> lines) {}

  Result once(Filter filter, Head head) throws IOException, ServletException {
    int before = reached;
    call.receive(head);
    filter.doFilter(call.request(), call.response(), chain);
    return new Result(call.status(), reached > before, call.lines());
  }

  /** The time that one call takes, in nanoseconds, over so many calls. */
  double time(Filter filter, Scenario scenario, int calls) throws IOException, ServletException {
    long start = System.nanoTime();
    if (filter != null) {
      run(filter, scenario.heads(), calls);
    } else if (scenario.isPreflight()) {
      runNothing(scenario.heads(), calls);
    } else {
      runChain(scenario.heads(), calls);
    }
    return (System.nanoTime() - start) / (double) calls;
  }

  private void run(Filter filter, Head[] heads, int calls) throws IOException, ServletException {
    for (int i = 0; i < calls; i++) {
      call.receive(next(heads));
      filter.doFilter(call.request(), call.response(), chain);
    }
  }

  /** No filter, so the chain is the servlet. */
  private void runChain(Head[] heads, int calls) throws IOException, ServletException {
    for (int i = 0; i < calls; i++) {
      call.receive(next(heads));
      chain.doFilter(call.request(), call.response());
    }
  }

  /** What no filter would let pass: making the request and the response is all there is. */
  private void runNothing(Head[] heads, int calls) {
    for (int i = 0; i < calls; i++) {
      call.receive(next(heads));
      if (call.request() == null || call.response() == null) {
        throw new IllegalStateException("a call without a request");
      }
    }
  }

  private Head next(Head[] heads) {
    turn = turn + 1 < heads.length ? turn + 1 : 0;
    return heads[turn];
  }
}
