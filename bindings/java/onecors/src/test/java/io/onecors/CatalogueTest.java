package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Compares what this binding repeats of the engine with the catalogue that the engine wrote. */
class CatalogueTest {
  private final JsonNode catalogue = Vectors.read(Vectors.FOLDER.resolve("catalogue.json"));

  @Test
  void outcomesHaveTheEnginesNumbers() {
    Map<String, Integer> own = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      own.put(outcome.code(), outcome.ordinal());
    }
    assertEquals(numbers("outcomes"), own);
  }

  @Test
  void reasonsHaveTheEnginesNumbers() {
    Map<String, Integer> own = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      own.put(reason.code(), reason.ordinal() + 1);
    }
    assertEquals(numbers("reasons"), own);
  }

  @Test
  void slotsHaveTheEnginesNumbers() {
    Map<String, Integer> own = new LinkedHashMap<>();
    for (Plan.Slot slot : Plan.Slot.values()) {
      own.put(slot.name().toLowerCase(Locale.ROOT), slot.ordinal() + 1);
    }
    assertEquals(numbers("slots"), own);
  }

  @Test
  void theLimitOfADocumentIsTheEngines() {
    assertEquals(catalogue.get("max_document_bytes").intValue(), OneCors.MAX_DOCUMENT_BYTES);
  }

  private Map<String, Integer> numbers(String kind) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    catalogue.get(kind).properties().forEach(e -> numbers.put(e.getKey(), e.getValue().intValue()));
    return numbers;
  }
}
