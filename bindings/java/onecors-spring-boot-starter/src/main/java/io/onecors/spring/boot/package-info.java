/**
 * A Spring Boot starter that puts a CORS policy in front of an application of Spring MVC or Spring
 * WebFlux: {@code onecors.policy=classpath:cors.json}.
 */
package io.onecors.spring.boot;
