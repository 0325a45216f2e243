package io.onecors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onecors.smoke.ClassLoaders;
import io.onecors.smoke.Smoke;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library is looked for, and what is said when it cannot be loaded. */
class NativeLibraryTest {
  private static final String FILE_NAME = System.mapLibraryName("onecors_java");
  private static final Path LIBRARY =
      Jvm.CLASSES.resolve("io/onecors/native/" + NativeLibrary.platform()).resolve(FILE_NAME);

  @TempDir Path folder;

  private static void assertWorks(Jvm.Result result) {
    assertEquals(
        new Jvm.Result(0, OneCors.version() + " ACTUAL_ALLOWED", ""), result, result.err());
  }

  private static void assertFailsSaying(Jvm.Result result, String... parts) {
    assertNotEquals(0, result.exit(), result.out());
    for (String part : parts) {
      assertTrue(result.err().contains(part), () -> part + " is not in:\n" + result.err());
    }
  }

  private static String tmpdir(Path folder) {
    return "-Donecors.native.tmpdir=" + folder;
  }

  private List<Path> contents() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void skip(String why) {
    System.out.println("skipped in NativeLibraryTest: " + why);
    Assumptions.abort(why);
  }

  @Test
  void theCopyFromTheJarIsRemovedOnceItIsLoaded() throws IOException {
    assertWorks(Jvm.run(Smoke.class, List.of(tmpdir(folder))));
    assertEquals(List.of(), contents());
  }

  @Test
  void withoutSettingsTheUsersCacheFolderServes() {
    assertWorks(Jvm.run(Smoke.class, List.of("-Duser.home=" + folder)));
  }

  @Test
  void whereTheCacheFolderCannotBeMadeTheTemporaryOneServes() throws IOException {
    Path notAFolder = Files.createFile(folder.resolve("home"));
    Path tmp = Files.createDirectory(folder.resolve("tmp"));
    List<String> options =
        new ArrayList<>(List.of("-Duser.home=" + notAFolder, "-Djava.io.tmpdir=" + tmp));
    assertWorks(Jvm.run(Smoke.class, options));
    options.set(1, "-Djava.io.tmpdir=" + notAFolder);
    assertFailsSaying(
        Jvm.run(Smoke.class, options),
        "cannot load its native library " + FILE_NAME,
        "java.library.path: no onecors_java in java.library.path",
        notAFolder + ": ",
        "-Donecors.native.tmpdir",
        "-Donecors.native.path");
  }

  @Test
  void theConfiguredPathIsTheFileOrItsFolderAndNothingElseIsTried() throws IOException {
    Path file = Files.copy(LIBRARY, folder.resolve(FILE_NAME));
    assertWorks(Jvm.run(Smoke.class, List.of("-Donecors.native.path=" + file)));
    assertWorks(Jvm.run(Smoke.class, List.of("-Donecors.native.path=" + folder)));
    Files.delete(file);
    assertFailsSaying(
        Jvm.run(Smoke.class, List.of("-Donecors.native.path=" + folder)),
        "-Donecors.native.path names (it tries no other place)",
        file.toString());
  }

  @Test
  void aPathIsShownEscaped() {
    Jvm.Result result =
        Jvm.run(Smoke.class, List.of("-Donecors.native.path=/missing\u001b[31m\nall is well"));
    assertFailsSaying(result, "/missing\\u{1b}[31m\\u{a}all is well");
    // What the JVM itself says, as the cause, comes after it.
    String shown = result.err().lines().findFirst().orElseThrow();
    assertTrue(shown.contains("all is well") && !shown.contains("\u001b"), shown);
  }

  @Test
  void theLibraryPathComesBeforeTheJar() throws IOException {
    Files.copy(LIBRARY, folder.resolve(FILE_NAME));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Files.createFile(empty.resolve("file"));
    assertWorks(
        Jvm.run(
            Smoke.class, List.of("-Djava.library.path=" + folder, tmpdir(empty.resolve("file")))));
  }

  @Test
  void eachClassLoaderTakesItsOwnCopy() throws IOException {
    String version = OneCors.version();
    String three = version + " " + version + " " + version;
    String[] arguments = {"together", Jvm.CLASSES.toString()};
    List<String> copies = List.of(tmpdir(folder));
    assertEquals(three, Jvm.run(ClassLoaders.class, copies, arguments).out());

    Files.copy(LIBRARY, folder.resolve(FILE_NAME));
    List<String> shared = List.of("-Djava.library.path=" + folder, tmpdir(folder));
    assertEquals(three, Jvm.run(ClassLoaders.class, shared, arguments).out());

    assertFailsSaying(
        Jvm.run(ClassLoaders.class, List.of("-Donecors.native.path=" + folder), arguments),
        "already loaded in another classloader",
        "remove -Donecors.native.path");
  }

  @Test
  void aClassLoaderCanGoAndTheNextOneCome() {
    Jvm.Result result =
        Jvm.run(ClassLoaders.class, List.of(tmpdir(folder)), "in-turn", Jvm.CLASSES.toString());
    assertEquals(new Jvm.Result(0, "unloaded", ""), result);
  }

  @Test
  void theLibraryStaysMappedWhenItsClassLoaderGoes() {
    Jvm.Result result = Jvm.execute(List.of("readelf", "--dynamic", LIBRARY.toString()));
    assertEquals(0, result.exit(), result.err());
    assertTrue(result.out().contains("NODELETE"), result.out());
  }

  @Test
  void onlyTheNativeMethodsAreExported() {
    Jvm.Result result =
        Jvm.execute(List.of("nm", "--dynamic", "--defined-only", LIBRARY.toString()));
    assertEquals(0, result.exit(), result.err());
    List<String> symbols =
        result
            .out()
            .lines()
            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
            .sorted()
            .toList();
    List<String> methods =
        Stream.of(Native.class.getDeclaredMethods())
            .map(method -> "Java_io_onecors_Native_" + method.getName())
            .sorted()
            .toList();
    assertEquals(methods, symbols);
  }

  @Test
  void aFolderMountedNoexecIsDiagnosed() {
    List<String> unshare = new ArrayList<>(List.of("unshare", "--mount"));
    if (Jvm.execute(List.of("unshare", "--mount", "true")).exit() != 0) {
      unshare.add("--map-root-user");
    }
    String mount = "mount -t tmpfs -o noexec tmpfs " + folder + " && exec \"$@\"";
    unshare.addAll(List.of("sh", "-c", mount, "sh"));
    Jvm.Result probe = Jvm.execute(append(unshare, "true"));
    if (probe.exit() != 0) {
      skip("no file system can be mounted here to try noexec: " + probe.err().strip());
    }
    assertFailsSaying(
        Jvm.execute(append(unshare, smoke(tmpdir(folder)))),
        folder + " is mounted noexec: libraries there cannot be loaded",
        "Set -Donecors.native.tmpdir to a folder that is not mounted noexec");
    // Without the setting, the cache folder is noexec and the temporary one is not.
    assertWorks(Jvm.execute(append(unshare, smoke("-Duser.home=" + folder))));
  }

  private static String[] smoke(String option) {
    return Jvm.command(Jvm.CLASSES, Smoke.class, List.of(option)).toArray(String[]::new);
  }

  private static List<String> append(List<String> command, String... more) {
    return Stream.concat(command.stream(), Stream.of(more)).toList();
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    Path classes = copyOfTheClasses();
    Files.writeString(classes.resolve("io/onecors/version.txt"), "9.9.9\n");
    assertFailsSaying(
        Jvm.execute(Jvm.command(classes, Smoke.class, List.of())),
        "the native library from the JAR is onecors " + OneCors.version(),
        "the classes are onecors 9.9.9",
        "put one version of the JAR io.onecors:onecors on the class path");
  }

  @Test
  void aLibraryThatIsNotOurOwnIsNamed() throws IOException {
    String libc = libc();
    assertFailsSaying(
        Jvm.run(Smoke.class, List.of("-Donecors.native.path=" + libc)),
        "the native library from " + libc + " has no methods for io.onecors.Native");
  }

  private static String libc() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.map(line -> line.substring(line.lastIndexOf(' ') + 1))
          .filter(file -> file.endsWith("/libc.so.6"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void aJarWithoutALibraryForThePlatformSaysSo() throws IOException {
    assertFailsSaying(
        Jvm.run(Smoke.class, List.of("-Dos.arch=riscv64", tmpdir(folder))),
        "for linux-riscv64",
        "this JAR has no io/onecors/native/linux-riscv64/" + FILE_NAME);
  }

  private Path copyOfTheClasses() throws IOException {
    Path copy = folder.resolve("classes");
    try (Stream<Path> files = Files.walk(Jvm.CLASSES)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(Jvm.CLASSES.relativize(file).toString()));
      }
    }
    return copy;
  }

  @Test
  void nativeAccessCanBeGrantedToTheModuleAlone() throws IOException {
    Optional<Path> home = Jvm.strictHome();
    if (home.isEmpty()) {
      skip("there is no JDK 24 or later in /usr/lib/jvm to deny native access");
    }
    String deny = "--illegal-native-access=deny";
    assertWorks(
        Jvm.runAsModule(
            home.get(),
            Smoke.class,
            List.of(deny, "--enable-native-access=io.onecors", tmpdir(folder))));
    assertFailsSaying(
        Jvm.runAsModule(home.get(), Smoke.class, List.of(deny, tmpdir(folder))),
        "this JVM denies native access",
        "--enable-native-access=io.onecors");
  }
}
