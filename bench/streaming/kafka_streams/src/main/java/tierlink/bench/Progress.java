package tierlink.bench;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Tells the harness when the first record came, and the main thread when all have been handled. */
final class Progress {
  private final long expected;
  private final CountDownLatch done = new CountDownLatch(1);
  private final AtomicBoolean hasBegun = new AtomicBoolean();
  private final LongAdder handled = new LongAdder();

  Progress(long expected) {
    this.expected = expected;
  }

  void begin() {
    if (!hasBegun.get() && hasBegun.compareAndSet(false, true)) {
      Instant now = Instant.now();
      System.out.println("FIRST " + (now.getEpochSecond() * 1_000_000_000L + now.getNano()));
      System.out.flush();
    }
  }

  void handled() {
    handled.increment();
    if (expected > 0 && handled.sum() == expected) {
      done.countDown();
    }
  }

  void awaitAll() throws InterruptedException {
    done.await();
  }
}
