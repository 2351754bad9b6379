package tierlink.bench;

import java.nio.charset.StandardCharsets;

/** Lines of a supplier by result: a JSON list of lines, on time, late. */
final class Totals {
  private int lines;
  private int onTime;
  private int late;

  static Totals decode(byte[] raw) {
    Totals totals = new Totals();
    if (raw != null) {
      int[] numbers = new int[3];
      int at = 0;
      for (byte one : raw) {
        if (one == ',') {
          at++;
        } else if (one >= '0' && one <= '9') {
          numbers[at] = numbers[at] * 10 + (one - '0');
        }
      }
      totals.lines = numbers[0];
      totals.onTime = numbers[1];
      totals.late = numbers[2];
    }
    return totals;
  }

  void count(Outcome outcome, int by) {
    lines += by;
    switch (outcome.result()) {
      case "on_time" -> onTime += by;
      case "late" -> late += by;
      default -> { }
    }
  }

  byte[] encode() {
    return ("[" + lines + "," + onTime + "," + late + "]").getBytes(StandardCharsets.UTF_8);
  }
}
