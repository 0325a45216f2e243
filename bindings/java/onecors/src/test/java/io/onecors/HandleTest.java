package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandleTest {
  private final List<Long> freed = new ArrayList<>();

  @Test
  void closingFreesWhenNoCallIsRunning() {
    Handle handle = new Handle(42, freed::add);
    handle.leave(handle.enter());
    assertEquals(List.of(), freed);
    handle.close();
    assertEquals(List.of(42L), freed);
    assertThrows(IllegalStateException.class, handle::enter);
  }

  @Test
  void closingWaitsForTheLastCall() {
    Handle handle = new Handle(42, freed::add);
    int first = handle.enter();
    int second = handle.enter();
    handle.close();
    assertThrows(IllegalStateException.class, handle::enter);
    handle.leave(first);
    assertEquals(List.of(), freed);
    handle.leave(second);
    assertEquals(List.of(42L), freed);
  }

  @Test
  void nothingIsFreedWhileACallRunsOrTwice() throws InterruptedException {
    for (int round = 0; round < 200; round++) {
      AtomicInteger frees = new AtomicInteger();
      AtomicBoolean usedAfterFree = new AtomicBoolean();
      Handle handle = new Handle(round, address -> frees.incrementAndGet());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(new Thread(() -> callUntilClosed(handle, frees, usedAfterFree)));
      }
      threads.forEach(Thread::start);
      Thread.yield();
      handle.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertFalse(usedAfterFree.get());
      assertEquals(1, frees.get());
    }
    assertTrue(freed.isEmpty());
  }

  private static void callUntilClosed(
      Handle handle, AtomicInteger frees, AtomicBoolean usedAfterFree) {
    try {
      while (true) {
        int call = handle.enter();
        if (frees.get() != 0) {
          usedAfterFree.set(true);
        }
        handle.leave(call);
      }
    } catch (IllegalStateException closed) {
      // This is how it ends.
    }
  }
}
