/// @file
/// What is wrong with a policy document, and with the library that is loaded.
#ifndef ONECORS_ERROR_HPP
#define ONECORS_ERROR_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../onecors.h"
#include "detail/strings.hpp"

namespace onecors {

/// One problem of a policy document.
struct Problem {
    /// The stable code, such as `trailing_slash`.
    std::string code;
    /// The place, as a JSON pointer (RFC 6901); empty for the whole document. It has the document's
    /// keys unescaped: pass it through printable() before you show it.
    std::string pointer;
    /// What is wrong, and what a browser would do.
    std::string message;
    /// What to write instead, if there is a suggestion.
    std::optional<std::string> help;
};

/// A policy document has problems: what() lists all of them, each with its place and help. Also
/// thrown, without problems, when a call fails for another reason: a Policy that was moved from, or
/// an internal error of the engine.
class PolicyError : public std::runtime_error {
public:
    /// An error with this text and these problems.
    explicit PolicyError(const std::string &what, std::vector<Problem> problems = {})
        : std::runtime_error(what),
          problems_(std::make_shared<const std::vector<Problem>>(std::move(problems))) {}

    /// The problems in document order: at most 1,000, and what() says how many more there are.
    const std::vector<Problem> &problems() const noexcept { return *problems_; }

private:
    // Shared, because copying an exception must not throw.
    std::shared_ptr<const std::vector<Problem>> problems_;
};

/// The version of the loaded library. ONECORS_VERSION is the version of the header.
inline std::string_view version() noexcept {
    return onecors_version();
}

namespace detail {

inline void check(onecors_result result) {
    if (result != ONECORS_OK) {
        throw PolicyError("onecors: " + text(onecors_result_text(result)));
    }
}

inline void check_abi(std::uint32_t library_abi) {
    if (library_abi != ONECORS_ABI_VERSION) {
        throw std::runtime_error(
            "onecors: this program was compiled with onecors.h " ONECORS_VERSION " (ABI version " +
            std::to_string(ONECORS_ABI_VERSION) + ") but loaded libonecors " + onecors_version() +
            " (ABI version " + std::to_string(library_abi) +
            "): install the library of the header's version, or compile the program again");
    }
}

inline PolicyError policy_error(const onecors_error *error, const std::string &prefix) {
    std::vector<Problem> problems;
    const std::size_t count = onecors_problem_count(error);
    problems.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto help = text(onecors_problem_help(error, i));
        problems.push_back({text(onecors_problem_code(error, i)),
                            text(onecors_problem_pointer(error, i)),
                            text(onecors_problem_message(error, i)),
                            help.empty() ? std::nullopt : std::make_optional(std::move(help))});
    }
    return PolicyError(prefix + text(onecors_error_text(error)), std::move(problems));
}

}  // namespace detail

}  // namespace onecors

#endif  // ONECORS_ERROR_HPP
