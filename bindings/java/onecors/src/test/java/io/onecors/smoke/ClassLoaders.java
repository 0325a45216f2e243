package io.onecors.smoke;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** Loads onecors into class loaders of its own, as an application server does. */
public final class ClassLoaders {
  private ClassLoaders() {}

  /** Takes what to do, {@code together} or {@code in-turn}, and where the classes are. */
  public static void main(String[] args) throws Exception {
    URL classes = Path.of(args[1]).toUri().toURL();
    if (args[0].equals("together")) {
      ClassLoader first = loader(classes);
      ClassLoader second = loader(classes);
      System.out.println(version(first) + " " + version(second) + " " + version(first));
    } else {
      for (int round = 0; round < 3; round++) {
        awaitUnloading(useAndDrop(classes));
      }
      System.out.println("unloaded");
    }
  }

  private static ClassLoader loader(URL classes) {
    return new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
  }

  private static Object version(ClassLoader loader) throws ReflectiveOperationException {
    return loader.loadClass("io.onecors.OneCors").getMethod("version").invoke(null);
  }

  /** Uses the library and keeps nothing of it, not even a closed policy. */
  private static WeakReference<ClassLoader> useAndDrop(URL classes) throws Exception {
    ClassLoader loader = loader(classes);
    Class<?> policy = loader.loadClass("io.onecors.Policy");
    Object forgotten =
        policy
            .getMethod("fromJson", String.class)
            .invoke(null, "{\"allow_origins\": [\"https://app.example.com\"]}");
    policy.getMethod("plans").invoke(forgotten);
    return new WeakReference<>(loader);
  }

  private static void awaitUnloading(WeakReference<ClassLoader> loader)
      throws InterruptedException {
    for (int i = 0; loader.get() != null; i++) {
      if (i == 500) {
        throw new IllegalStateException("the class loader was not collected");
      }
      System.gc();
      Thread.sleep(10);
    }
  }
}
