package tierlink.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** The job: one event in; the line's state, its result and its supplier's totals out. */
final class LineProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  static final String LINES = "lines";
  static final String TOTALS = "totals";

  private final Progress progress;
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], byte[]> lines;
  private KeyValueStore<byte[], byte[]> totals;

  LineProcessor(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> given) {
    context = given;
    lines = given.getStateStore(LINES);
    totals = given.getStateStore(TOTALS);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    progress.begin();
    OrderEvent event;
    try {
      event = OrderEvent.read(record.value());
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    byte[] key = event.subject.getBytes(StandardCharsets.UTF_8);
    Line line = Line.decode(lines.get(key));
    Outcome before = line.outcome();
    if (line.apply(event)) {
      lines.put(key, line.encode());
      Outcome after = line.outcome();
      if (after != null && !after.equals(before)) {
        count(before, after);
        context.forward(new Record<>(key, after.toJson(), record.timestamp()));
      }
    }
    progress.handled();
  }

  private void count(Outcome before, Outcome after) {
    if (before != null
        && before.supplier().equals(after.supplier())
        && Objects.equals(before.result(), after.result())) {
      return;
    }
    if (before != null) {
      add(before, -1);
    }
    add(after, 1);
  }

  private void add(Outcome outcome, int by) {
    byte[] key = outcome.supplier().getBytes(StandardCharsets.UTF_8);
    Totals found = Totals.decode(totals.get(key));
    found.count(outcome, by);
    totals.put(key, found.encode());
  }
}
