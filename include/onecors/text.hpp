/// @file
/// Untrusted text in messages and logs.
#ifndef ONECORS_TEXT_HPP
#define ONECORS_TEXT_HPP

#include <string>
#include <string_view>

#include "../onecors.h"
#include "detail/strings.hpp"
#include "error.hpp"

namespace onecors {

namespace detail {

inline std::string take(onecors_string *string) {
    const Owned<onecors_string> owned(string);
    if (!owned) {
        check(ONECORS_PANIC);
    }
    return text(onecors_string_view(owned.get()));
}

}  // namespace detail

/// Makes untrusted text, such as a file's name or the pointer of a Problem, safe for a message or a
/// log: text with invisible characters is quoted and escaped, other text is returned unchanged. See
/// onecors_printable.
inline std::string printable(std::string_view text) {
    return detail::take(onecors_printable(detail::str(text)));
}

}  // namespace onecors

#endif  // ONECORS_TEXT_HPP
