package io.onecors;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongConsumer;

/**
 * An address in native memory, which is freed once: when it is closed and the last call that uses
 * it has returned.
 *
 * <p>Calls are counted in several places, by thread: with one counter, all processors would wait
 * for each other at each call.
 */
final class Handle {
  /** How many counters there are: a power of two. */
  private static final int COUNTERS =
      Integer.highestOneBit(Math.min(Runtime.getRuntime().availableProcessors(), 32) * 2 - 1);

  /** How far counters are apart, so that no two share a cache line or a pair of them. */
  private static final int STRIDE = 128 / Integer.BYTES;

  /** The bit of a counter that lets no further call in. */
  private static final int CLOSED = 1;

  private static final int CALL = 2;

  private final long address;
  private final LongConsumer free;
  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS * STRIDE);

  private volatile boolean isClosed;

  /** How many counters are open or still have calls. */
  private final AtomicInteger busy = new AtomicInteger(COUNTERS);

  Handle(long address, LongConsumer free) {
    this.address = address;
    this.free = free;
  }

  /** The address, to be used between {@link #enter} and {@link #leave} alone. */
  long address() {
    return address;
  }

  /**
   * For what goes without a call.
   *
   * @throws IllegalStateException if the handle is closed
   */
  void requireOpen() {
    if (isClosed) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the policy is closed");
  }

  /**
   * Begins a call.
   *
   * @return what {@link #leave} takes
   * @throws IllegalStateException if the handle is closed
   */
  int enter() {
    int counter = ((int) Thread.currentThread().getId() & COUNTERS - 1) * STRIDE;
    while (true) {
      int state = counters.get(counter);
      if ((state & CLOSED) != 0) {
        throw closed();
      }
      if (counters.compareAndSet(counter, state, state + CALL)) {
        return counter;
      }
    }
  }

  /** Ends a call. */
  void leave(int counter) {
    if (counters.addAndGet(counter, -CALL) == CLOSED) {
      retire();
    }
  }

  /** Lets no further call in. To be called once. */
  void close() {
    isClosed = true;
    for (int counter = 0; counter < counters.length(); counter += STRIDE) {
      if (counters.getAndAdd(counter, CLOSED) == 0) {
        retire();
      }
    }
  }

  private void retire() {
    if (busy.decrementAndGet() == 0) {
      free.accept(address);
    }
  }
}
