package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivePolicyTest {
  private static final String ONE = "https://one.example";
  private static final String TWO = "https://two.example";
  private static final String THREE = "https://three.example";

  @TempDir Path folder;
  private final RecordingLogger logger = new RecordingLogger();

  private static String document(String origin) {
    return "{\"allow_origins\": [\"" + origin + "\"]}";
  }

  private static boolean allows(LivePolicy live, String origin) {
    return live.get().decide("GET", "/", origin, null, null).outcome() == Outcome.ACTUAL_ALLOWED;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 2_000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertTrue(condition.getAsBoolean());
  }

  private long errors() {
    return logger.lines.stream().filter(line -> line.startsWith("ERROR")).count();
  }

  @Test
  void aDocumentReplacesThePolicyAndABadOneDoesNot() {
    try (LivePolicy live = new LivePolicy(Policy.fromJson(document(ONE)))) {
      live.replace(document(TWO));
      assertTrue(allows(live, TWO) && !allows(live, ONE));
      Policy before = live.current();
      PolicyException e =
          assertThrows(
              PolicyException.class,
              () -> live.replace("{\"allow_origins\": [\"x\"], \"max_age\": -1}"));
      assertEquals(2, e.problems().size());
      assertSame(before, live.current());
      Policy next = Policy.fromJson(document(ONE));
      live.replace(next);
      assertSame(next, live.current());
      assertThrows(NullPointerException.class, () -> live.replace((Policy) null));
      assertSame(next, live.current());
    }
  }

  @Test
  void aReplacedPolicyGoesOnDeciding() {
    try (LivePolicy live = new LivePolicy(Policy.fromJson(document(ONE)))) {
      Policy seen = live.current();
      live.replace(document(TWO));
      assertEquals(Outcome.ACTUAL_ALLOWED, seen.decide("GET", "/", ONE, null, null).outcome());
    }
  }

  @Test
  void aFileIsLoadedAtOnceOrNotAtAll() throws IOException {
    Path file = folder.resolve("policy.json");
    assertThrows(NoSuchFileException.class, () -> LivePolicy.watch(file, logger));
    Files.writeString(file, "{}");
    PolicyException e = assertThrows(PolicyException.class, () -> LivePolicy.watch(file, logger));
    assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
  }

  @Test
  void aWriteARenameAndASwappedLinkAreLoaded() throws Exception {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    Path data = Files.createSymbolicLink(folder.resolve("data"), first);
    Files.writeString(first.resolve("policy.json"), document(ONE));
    Files.writeString(second.resolve("policy.json"), document(ONE));
    Path file = data.resolve("policy.json");
    try (LivePolicy live = LivePolicy.watch(file, logger)) {
      Files.writeString(file, document(TWO));
      await(() -> allows(live, TWO));
      Path link = Files.createSymbolicLink(folder.resolve("next"), second);
      Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
      await(() -> allows(live, ONE));
      Path next = Files.writeString(folder.resolve("next.json"), document(TWO));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      await(() -> allows(live, TWO));
      assertEquals(0, errors());
      await(() -> logger.lines.contains("INFO onecors: loaded the changed policy " + file));
    }
  }

  @Test
  void aBadFileOrNoneLeavesThePolicyAndIsLoggedOnce() throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), document(ONE));
    try (LivePolicy live = LivePolicy.watch(file, logger)) {
      Policy before = live.current();
      Files.writeString(file, "{\"allow_origins\": [\"x\"], \"max_age\": -1}");
      await(() -> errors() == 1);
      String error =
          logger.lines.stream().filter(line -> line.startsWith("ERROR")).findFirst().get();
      String cannotReload =
          "ERROR onecors: keeping the current policy: cannot reload " + file + ": ";
      assertTrue(error.startsWith(cannotReload + "the policy document has 2 problems"), error);
      assertTrue(error.contains("/allow_origins/0") && error.contains("/max_age"), error);
      Files.delete(file);
      await(() -> logger.lines.contains(cannotReload + "no such file"));
      Thread.sleep(600);
      assertEquals(2, errors());
      assertSame(before, live.current());
      Files.writeString(file, document(TWO));
      await(() -> allows(live, TWO));
    }
  }

  @Test
  void aFileThatStaysDoesNotUndoAReplacement() throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), document(ONE));
    try (LivePolicy live = LivePolicy.watch(file, logger)) {
      live.replace(document(TWO));
      Thread.sleep(800);
      assertTrue(allows(live, TWO));
      Files.writeString(file, document(ONE));
      Thread.sleep(800);
      assertTrue(allows(live, TWO));
      Files.writeString(file, document(THREE));
      await(() -> allows(live, THREE));
    }
  }

  // A program that writes a file in place empties it first.
  @Test
  void whatIsThereForAMomentIsNotLogged() throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), document(ONE));
    PolicyWatcher watcher = new PolicyWatcher(file, logger);
    LivePolicy live = watcher.load();
    for (String momentary : List.of("", document(ONE).substring(0, 20))) {
      Files.writeString(file, momentary);
      watcher.look(live);
      Files.writeString(file, document(ONE));
      watcher.look(live);
      watcher.look(live);
    }
    Files.delete(file);
    watcher.look(live);
    Files.writeString(file, document(TWO));
    watcher.look(live);
    assertTrue(allows(live, TWO));
    assertEquals(0, errors());
    Files.writeString(file, "{");
    for (int i = 0; i < 4; i++) {
      watcher.look(live);
    }
    assertEquals(1, errors());
    Files.delete(file);
    for (int i = 0; i < 4; i++) {
      watcher.look(live);
    }
    assertEquals(2, errors());
  }

  @Test
  void theDocumentInForceIsNotLoadedAgain() throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), document(ONE));
    try (LivePolicy live = LivePolicy.watch(file, logger)) {
      live.replace(document(TWO));
      Policy before = live.current();
      Files.writeString(file, document(TWO));
      Thread.sleep(800);
      assertSame(before, live.current());
    }
  }

  @Test
  void closingEndsTheThread() throws Exception {
    Path file = Files.writeString(folder.resolve("policy.json"), document(ONE));
    LivePolicy live = LivePolicy.watch(file, logger);
    live.close();
    live.close();
    await(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("onecors-watch")));
    assertTrue(allows(live, ONE));
  }
}
