package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  private static final int THREADS = 8;

  private static Policy policyOf(int number) {
    return Policy.fromJson("{\"allow_origins\": [\"https://app-" + number + ".example.com\"]}");
  }

  private static Outcome ask(Policy policy, int number) {
    return policy
        .decide("GET", "/", "https://app-" + number + ".example.com", null, null)
        .outcome();
  }

  @Test
  void threadsShareAPolicy() throws Exception {
    try (Policy policy = policyOf(1)) {
      runInThreads(
          () -> {
            for (int i = 0; i < 20_000; i++) {
              assertEquals(Outcome.ACTUAL_ALLOWED, ask(policy, 1));
              assertEquals(Outcome.ACTUAL_DENIED, ask(policy, 2));
            }
          });
    }
  }

  /** Each call decides by a living policy, or throws: it never touches memory that was freed. */
  @Test
  void policiesAreClosedWhileTheyDecide() throws Exception {
    record Current(Policy policy, int number) {}
    int rounds = 3_000;
    AtomicReference<Current> current = new AtomicReference<>(new Current(policyOf(0), 0));
    AtomicInteger decided = new AtomicInteger();
    Thread closer =
        new Thread(
            () -> {
              for (int number = 1; number <= rounds; number++) {
                current.getAndSet(new Current(policyOf(number), number)).policy().close();
              }
            });
    closer.start();
    runInThreads(
        () -> {
          while (closer.isAlive()) {
            Current now = current.get();
            try {
              assertEquals(Outcome.ACTUAL_ALLOWED, ask(now.policy(), now.number()));
              assertEquals(Outcome.ACTUAL_DENIED, ask(now.policy(), now.number() + 1));
              decided.incrementAndGet();
            } catch (IllegalStateException e) {
              assertEquals("the policy is closed", e.getMessage());
            }
          }
        });
    closer.join();
    assertEquals(rounds, current.get().number());
    assertTrue(decided.get() > 0);
    current.get().policy().close();
  }

  private static void runInThreads(Runnable task) throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        results.add(pool.submit(task));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      pool.shutdown();
    }
  }
}
