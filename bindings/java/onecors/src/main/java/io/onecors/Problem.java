package io.onecors;

import java.util.List;
import java.util.Optional;

/**
 * One problem in a policy document.
 *
 * @param code what kind of problem, as a stable code, the same in every language, such as {@code
 *     trailing_slash}
 * @param pointer where, as a JSON pointer (RFC 6901) into the document; empty for the whole
 *     document. The keys in it are as they are in the document, whatever their characters: {@link
 *     OneCors#printable} makes it fit for a text
 * @param message what is wrong and what a browser would do. Text of the document in it is escaped
 *     and cut
 * @param help what to write instead, where there is something
 */
public record Problem(String code, String pointer, String message, Optional<String> help) {
  static List<Problem> unpackAll(Unpacker unpacker) {
    return unpacker.list(
        () ->
            new Problem(
                unpacker.text(),
                unpacker.text(),
                unpacker.text(),
                Optional.ofNullable(unpacker.text())));
  }
}
