package tierlink.bench;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** State of one schedule line: the newest order line, and the newest of each receipt. */
final class Line {
  private record Placed(
      String sequence, String id, String supplier, String quantity, String requestedOn) {}

  private record Receipt(
      String factKey, String sequence, String id, String quantity, String receivedOn) {}

  private Placed placed;
  private final List<Receipt> receipts = new ArrayList<>(2);

  /** Take in an event; returns whether it said something new. */
  boolean apply(OrderEvent event) {
    return event.isReceipt ? applyReceipt(event) : applyPlaced(event);
  }

  private boolean applyPlaced(OrderEvent event) {
    if (placed != null && !isNewer(event, placed.sequence, placed.id)) {
      return false;
    }
    placed = new Placed(event.sequence, event.id, event.supplier, event.quantity, event.day);
    return true;
  }

  private boolean applyReceipt(OrderEvent event) {
    Receipt receipt =
        new Receipt(event.factKey, event.sequence, event.id, event.quantity, event.day);
    for (int i = 0; i < receipts.size(); i++) {
      Receipt known = receipts.get(i);
      if (known.factKey.equals(event.factKey)) {
        if (!isNewer(event, known.sequence, known.id)) {
          return false;
        }
        receipts.set(i, receipt);
        return true;
      }
    }
    receipts.add(receipt);
    return true;
  }

  private static boolean isNewer(OrderEvent event, String sequence, String id) {
    int order = event.sequence.compareTo(sequence);
    return order > 0 || (order == 0 && event.id.compareTo(id) > 0);
  }

  /** The line's result as it is now; null while its order line is not known. */
  Outcome outcome() {
    if (placed == null) {
      return null;
    }
    BigDecimal ordered = new BigDecimal(placed.quantity);
    BigDecimal received = BigDecimal.ZERO;
    String completedOn = null;
    if (receipts.size() > 1) {
      receipts.sort(Comparator.comparing(Receipt::receivedOn));
    }
    for (int i = 0; i < receipts.size(); i++) {
      Receipt receipt = receipts.get(i);
      received = received.add(new BigDecimal(receipt.quantity));
      boolean isDayOver =
          i + 1 == receipts.size() || !receipts.get(i + 1).receivedOn.equals(receipt.receivedOn);
      if (completedOn == null && isDayOver && received.compareTo(ordered) >= 0) {
        completedOn = receipt.receivedOn;
      }
    }
    String result = "open";
    if (completedOn != null) {
      result = completedOn.compareTo(placed.requestedOn) <= 0 ? "on_time" : "late";
    }
    return new Outcome(
        placed.supplier, result, completedOn, placed.quantity, received.toPlainString());
  }

  /** Texts one after another, each with its length in one byte or, past 127, two. */
  byte[] encode() {
    Writer out = new Writer();
    out.text(placed == null ? "" : placed.sequence);
    if (placed != null) {
      out.text(placed.id);
      out.text(placed.supplier);
      out.text(placed.quantity);
      out.text(placed.requestedOn);
    }
    for (Receipt receipt : receipts) {
      out.text(receipt.factKey);
      out.text(receipt.sequence);
      out.text(receipt.id);
      out.text(receipt.quantity);
      out.text(receipt.receivedOn);
    }
    return out.bytes();
  }

  static Line decode(byte[] raw) {
    Line line = new Line();
    if (raw == null) {
      return line;
    }
    Reader in = new Reader(raw);
    String sequence = in.text();
    if (!sequence.isEmpty()) {
      line.placed = new Placed(sequence, in.text(), in.text(), in.text(), in.text());
    }
    while (in.hasMore()) {
      line.receipts.add(new Receipt(in.text(), in.text(), in.text(), in.text(), in.text()));
    }
    return line;
  }

  private static final class Writer {
    private byte[] buffer = new byte[256];
    private int size;

    void text(String text) {
      byte[] raw = text.getBytes(StandardCharsets.UTF_8);
      if (size + raw.length + 2 > buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + raw.length + 2));
      }
      if (raw.length > 127) {
        buffer[size++] = (byte) (0x80 | (raw.length >> 8));
      }
      buffer[size++] = (byte) raw.length;
      System.arraycopy(raw, 0, buffer, size, raw.length);
      size += raw.length;
    }

    byte[] bytes() {
      return Arrays.copyOf(buffer, size);
    }
  }

  private static final class Reader {
    private final byte[] raw;
    private int at;

    Reader(byte[] raw) {
      this.raw = raw;
    }

    boolean hasMore() {
      return at < raw.length;
    }

    String text() {
      int length = raw[at++];
      if (length < 0) {
        length = ((length & 0x7f) << 8) | (raw[at++] & 0xff);
      }
      String text = new String(raw, at, length, StandardCharsets.UTF_8);
      at += length;
      return text;
    }
  }
}
