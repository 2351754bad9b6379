package tierlink.bench;

import java.nio.charset.StandardCharsets;

/** A line's result, as published. */
record Outcome(
    String supplier, String result, String completedOn, String quantity, String received) {

  byte[] toJson() {
    StringBuilder json = new StringBuilder(160);
    json.append("{\"supplier\":\"").append(supplier);
    json.append("\",\"result\":\"").append(result);
    json.append("\",\"completed_on\":");
    if (completedOn == null) {
      json.append("null");
    } else {
      json.append('"').append(completedOn).append('"');
    }
    json.append(",\"quantity\":\"").append(quantity);
    json.append("\",\"received\":\"").append(received).append("\"}");
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
