/// @file
/// What onecors writes to the program's log.
#ifndef ONECORS_LOG_HPP
#define ONECORS_LOG_HPP

#include <cstdint>
#include <functional>
#include <string_view>

namespace onecors {

/// The level of a log line.
enum class Severity : std::uint8_t {
    /// A changed policy file was loaded.
    info,
    /// A request was denied.
    warning,
    /// A changed policy file cannot be loaded.
    error,
};

/// A line for the program's log. The views live as long as the call.
struct LogLine {
    /// The level.
    Severity severity;
    /// The line, without control characters but for the line breaks between the problems of a file.
    std::string_view text;
    /// For a denial, the explanation as JSON (Policy::explain), for structured logs; else empty.
    std::string_view explanation;
};

/// Writes to the program's log. It may be called from several threads at once. Exceptions are
/// ignored.
using Logger = std::function<void(const LogLine &)>;

namespace detail {

inline void log(const Logger &logger, const LogLine &line) noexcept {
    try {
        if (logger) {
            logger(line);
        }
    } catch (...) {
        // A log that fails must not fail a request.
    }
}

}  // namespace detail

}  // namespace onecors

#endif  // ONECORS_LOG_HPP
