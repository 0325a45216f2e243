package io.onecors.spring.boot;

import java.util.List;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.method.HandlerMethod;

/** CORS in the annotations of handlers, which Spring MVC and WebFlux share. */
final class Annotations {
  private Annotations() {}

  /** Adds the annotation of a handler and that of its class, if they have one. */
  static void crossOrigin(HandlerMethod handler, String route, List<SpringCors> found) {
    String type = ClassUtils.getUserClass(handler.getBeanType()).getName();
    String method = type + "#" + handler.getMethod().getName();
    if (AnnotatedElementUtils.hasAnnotation(handler.getMethod(), CrossOrigin.class)) {
      add(method, route, found);
    }
    if (AnnotatedElementUtils.hasAnnotation(handler.getBeanType(), CrossOrigin.class)) {
      add(type, route, found);
    }
  }

  private static void add(String place, String route, List<SpringCors> found) {
    found.add(
        new SpringCors(
            "@CrossOrigin on " + place + ", for " + route, "remove @CrossOrigin from " + place));
  }
}
