package tierlink.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What the job reads of a CloudEvent: a streaming parse that binds eight values and skips the rest.
 *
 * <p>Jackson's streaming parser, not databind: no reflection, no tree, and lineage is skipped without making strings.
 */
final class OrderEvent {
  private static final JsonFactory JSON = new JsonFactory();

  boolean isReceipt;
  String id;
  String subject;
  String factKey;
  String sequence;
  String supplier;
  String quantity;
  String day;

  static OrderEvent read(byte[] value) throws IOException {
    OrderEvent event = new OrderEvent();
    try (JsonParser json = JSON.createParser(value)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "id" -> event.id = json.getText();
          case "type" -> event.isReceipt = json.getText().equals("org.tierlink.goods.received.v1");
          case "subject" -> event.subject = json.getText();
          case "factkey" -> event.factKey = json.getText();
          case "sequence" -> event.sequence = json.getText();
          case "data" -> event.readData(json);
          default -> json.skipChildren();
        }
      }
    }
    return event;
  }

  private void readData(JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "supplier" -> supplier = readOne(json, "id");
        case "quantity" -> quantity = readOne(json, "value");
        case "requested_on", "received_on" -> day = json.getText();
        default -> json.skipChildren();
      }
    }
  }

  /** One text of an object. */
  private static String readOne(JsonParser json, String wanted) throws IOException {
    String found = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals(wanted)) {
        found = json.getText();
      } else {
        json.skipChildren();
      }
    }
    return found;
  }
}
