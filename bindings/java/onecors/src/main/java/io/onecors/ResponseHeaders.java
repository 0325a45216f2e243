package io.onecors;

import java.util.Collection;

/**
 * The header fields of a response, as {@link Plan#applyTo} needs them. An adapter implements this
 * over its framework's response. Names are compared without regard to case.
 */
public interface ResponseHeaders {
  /**
   * The names of all fields that the response has.
   *
   * @return the names, in any order and case; a copy or a view. Nothing is removed while it is
   *     iterated over
   */
  Collection<String> names();

  /**
   * The lines of one field.
   *
   * @param name the name of the field
   * @return the values in their order; empty when the response has no such field
   */
  Collection<String> get(String name);

  /**
   * Sets a field to one line, whatever lines it had.
   *
   * @param name the name of the field
   * @param value its value
   */
  void set(String name, String value);

  /**
   * Sets a field that the response does not have. An adapter whose framework need not look for it
   * then can say so here.
   *
   * @param name the name of the field
   * @param value its value
   */
  default void add(String name, String value) {
    set(name, value);
  }

  /**
   * Removes all lines of a field.
   *
   * @param name the name of a field that the response has
   */
  void remove(String name);
}
