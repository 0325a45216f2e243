package io.onecors.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onecors.spring.boot.Server.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Spring's own CORS fails the start of the application on the paths that the policy governs. */
@ExtendWith(OutputCaptureExtension.class)
class SpringCorsTest {
  private static final Kind MVC = Kind.MVC_ON_TOMCAT;
  private static final Kind WEBFLUX = Kind.WEBFLUX_ON_TOMCAT;

  private static void assertFails(
      Kind kind, Class<?> application, List<String> expected, String... properties) {
    assertThatThrownBy(() -> Server.start(kind, application, properties).close())
        .isInstanceOf(StartupException.class)
        .hasMessageContainingAll(expected.toArray(String[]::new));
  }

  private static void assertStarts(Kind kind, Class<?> application, String... properties) {
    assertThatCode(() -> Server.start(kind, application, properties).close())
        .doesNotThrowAnyException();
  }

  @RestController
  static class Annotated {
    @CrossOrigin
    @GetMapping("/app/annotated/{id}")
    String governed() {
      return "governed";
    }

    @CrossOrigin
    @GetMapping("/elsewhere")
    String ungoverned() {
      return "ungoverned";
    }
  }

  @CrossOrigin
  @RestController
  static class AnnotatedClass {
    @GetMapping({"/elsewhere", "/open/there"})
    String either() {
      return "either";
    }
  }

  @Import({Annotated.class, AnnotatedClass.class})
  static class AnnotatedMvc extends Applications.Mvc {}

  @Import({Annotated.class, AnnotatedClass.class})
  static class AnnotatedWebFlux extends Applications.WebFlux {}

  @Test
  void annotations(CapturedOutput output) {
    List<String> expected =
        List.of(
            "@CrossOrigin on io.onecors.spring.boot.SpringCorsTest$Annotated#governed, for"
                + " /app/annotated/{id}",
            "@CrossOrigin on io.onecors.spring.boot.SpringCorsTest$AnnotatedClass");
    assertFails(MVC, AnnotatedMvc.class, expected);
    assertFails(WEBFLUX, AnnotatedWebFlux.class, expected);

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("remove @CrossOrigin from")
        .contains("onecors.spring-cors=warn")
        .doesNotContain("#ungoverned");
  }

  static class MvcMappings extends Applications.Mvc implements WebMvcConfigurer {
    @Override
    public void addCorsMappings(CorsRegistry registry) {
      registry.addMapping("/legacy/**");
      registry.addMapping("/app/**");
    }
  }

  static class WebFluxMappings extends Applications.WebFlux implements WebFluxConfigurer {
    @Override
    public void addCorsMappings(org.springframework.web.reactive.config.CorsRegistry registry) {
      registry.addMapping("/legacy/**");
      registry.addMapping("/app/**");
    }
  }

  /** One that only the routes of the application betray. */
  static class WideMappings extends Applications.Mvc implements WebMvcConfigurer {
    @Override
    public void addCorsMappings(CorsRegistry registry) {
      registry.addMapping("/*/item");
    }
  }

  static class OtherMappings extends Applications.Mvc implements WebMvcConfigurer {
    @Override
    public void addCorsMappings(CorsRegistry registry) {
      registry.addMapping("/legacy/**");
    }
  }

  static class OtherWebFluxMappings extends Applications.WebFlux implements WebFluxConfigurer {
    @Override
    public void addCorsMappings(org.springframework.web.reactive.config.CorsRegistry registry) {
      registry.addMapping("/legacy/**");
    }
  }

  @Test
  void mappings() {
    List<String> expected = List.of("Mappings maps /app/**");
    assertFails(MVC, MvcMappings.class, expected);
    assertFails(WEBFLUX, WebFluxMappings.class, expected);
    assertFails(MVC, WideMappings.class, List.of("maps /*/item"));
    assertStarts(MVC, OtherMappings.class);
    assertStarts(WEBFLUX, OtherWebFluxMappings.class);
  }

  /** The policy sees /api/app, and Spring only what is behind the context path. */
  @Test
  void mappingsBelowAContextPath() {
    assertFails(
        MVC, MvcMappings.class, List.of("maps /app/**"), "server.servlet.context-path=/api");
    assertFails(
        WEBFLUX, WebFluxMappings.class, List.of("maps /app/**"), "spring.webflux.base-path=/api");
    assertStarts(MVC, MvcMappings.class, "server.servlet.context-path=/other");
    assertStarts(WEBFLUX, WebFluxMappings.class, "spring.webflux.base-path=/other");
  }

  private static UrlBasedCorsConfigurationSource source(String pattern) {
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration(pattern, new CorsConfiguration());
    return source;
  }

  static class FilterBean extends Applications.Mvc {
    @Bean
    CorsFilter theirFilter() {
      return new CorsFilter(source("/**"));
    }
  }

  static class RegisteredFilter extends Applications.Mvc {
    @Bean
    FilterRegistrationBean<CorsFilter> theirRegistration() {
      return new FilterRegistrationBean<>(new CorsFilter(source("/**")));
    }
  }

  static class SourceBean extends Applications.Mvc {
    @Bean
    UrlBasedCorsConfigurationSource theirSource() {
      return source("/**");
    }
  }

  static class WebFilterBean extends Applications.WebFlux {
    @Bean
    CorsWebFilter theirFilter() {
      return new CorsWebFilter(exchange -> null);
    }
  }

  static class ReactiveSourceBean extends Applications.WebFlux {
    @Bean
    org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource theirSource() {
      return new org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource();
    }
  }

  @Test
  void beans() {
    assertFails(MVC, FilterBean.class, List.of("the bean theirFilter, a CorsFilter of Spring"));
    assertFails(MVC, RegisteredFilter.class, List.of("the bean theirRegistration"));
    assertFails(MVC, SourceBean.class, List.of("the bean theirSource, a CorsConfigurationSource"));
    assertFails(WEBFLUX, WebFilterBean.class, List.of("the bean theirFilter, a CorsWebFilter"));
    assertFails(WEBFLUX, ReactiveSourceBean.class, List.of("the bean theirSource"));
  }

  static class SecuredMvc extends Applications.Bare {
    @Bean
    SecurityFilterChain theirChain(HttpSecurity http) throws Exception {
      return http.cors(Customizer.withDefaults()).build();
    }
  }

  static class SecuredWebFlux extends Applications.Bare {
    @Bean
    SecurityWebFilterChain theirChain(ServerHttpSecurity http) {
      return http.cors(cors -> cors.configurationSource(exchange -> null)).build();
    }
  }

  @Test
  void springSecurity() {
    List<String> expected = List.of("http.cors() in the filter chain theirChain");
    assertFails(MVC, SecuredMvc.class, expected);
    assertFails(WEBFLUX, SecuredWebFlux.class, expected);
  }

  @Test
  void properties() {
    String actuator = "management.endpoints.web.cors.allowed-origins=https://a.example";
    String graphQl = "spring.graphql.cors.allowed-origin-patterns[0]=https://a.example";
    String below = "management.endpoints.web.base-path=/app/manage";
    for (Kind kind : List.of(MVC, WEBFLUX)) {
      Class<?> application = Applications.of(kind);
      assertFails(kind, application, List.of("management.endpoints.web.cors"), actuator, below);
      assertFails(
          kind,
          application,
          List.of("spring.graphql.cors.allowed-origin-patterns, for /app/graphql"),
          graphQl,
          "spring.graphql.path=/app/graphql");
      assertStarts(kind, application, actuator, graphQl);
      assertStarts(kind, application, actuator, below, "management.server.port=0");
    }
    assertFails(
        WEBFLUX,
        Applications.WebFlux.class,
        List.of("spring.cloud.gateway"),
        "spring.cloud.gateway.globalcors.cors-configurations.[/app/**].allowedOrigins=*");
  }

  @Test
  void failsAlsoWhereBeansAreLazy() {
    String lazy = "spring.main.lazy-initialization=true";
    assertFails(MVC, AnnotatedMvc.class, List.of("Annotated#governed"), lazy);
    assertFails(WEBFLUX, AnnotatedWebFlux.class, List.of("Annotated#governed"), lazy);
  }

  @Test
  void warnsWhereItIsToldTo(CapturedOutput output) {
    assertStarts(MVC, MvcMappings.class, "onecors.spring-cors=warn");

    assertThat(output)
        .contains("WARN")
        .contains("onecors: addCorsMappings of io.onecors.spring.boot.SpringCorsTest$MvcMappings")
        .contains("remove the mapping of /app/** from");
  }
}
