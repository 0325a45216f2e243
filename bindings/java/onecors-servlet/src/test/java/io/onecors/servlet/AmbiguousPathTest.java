package io.onecors.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AmbiguousPathTest {
  private static final String CHARACTERS = "//..;%%2eEfF5cC\\a";

  /** The pattern alone says what is ambiguous; that it is mostly left out changes nothing. */
  @Test
  void whatMayNotMatchDoesNot() {
    Random random = new Random(1);
    int ambiguous = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder path = new StringBuilder("/");
      for (int length = random.nextInt(8); length > 0; length--) {
        path.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
      }
      boolean matches = AmbiguousPath.AMBIGUOUS.matcher(path).find();
      assertEquals(matches, AmbiguousPath.matches(path.toString()), path::toString);
      ambiguous += matches ? 1 : 0;
    }
    assertTrue(ambiguous > 1_000, "ambiguous: " + ambiguous);
  }
}
