/// @file
/// What a policy decides on a request.
#ifndef ONECORS_VERDICT_HPP
#define ONECORS_VERDICT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../onecors.h"
#include "detail/strings.hpp"

namespace onecors {

/// The outcome of a decision. Later versions may add outcomes: act on the plan, which is right for
/// them too.
enum class Outcome : std::uint8_t {
    /// No rule governs the path: leave the response alone.
    ungoverned = ONECORS_OUTCOME_UNGOVERNED,
    /// Not a CORS request: it has no Origin.
    not_cors = ONECORS_OUTCOME_NOT_CORS,
    /// An actual request from an allowed origin.
    actual_allowed = ONECORS_OUTCOME_ACTUAL_ALLOWED,
    /// A denied actual request: the page cannot read the response.
    actual_denied = ONECORS_OUTCOME_ACTUAL_DENIED,
    /// An allowed preflight, to be answered with the plan's status.
    preflight_allowed = ONECORS_OUTCOME_PREFLIGHT_ALLOWED,
    /// A denied preflight, to be answered with the plan's status.
    preflight_denied = ONECORS_OUTCOME_PREFLIGHT_DENIED,
};

/// Why a request was denied. Later versions may add reasons.
enum class Reason : std::uint8_t {
    /// Origin is not a serialised origin (Fetch, "serialising a request origin").
    malformed_origin = ONECORS_REASON_MALFORMED_ORIGIN,
    /// No origin pattern of the rule covers the origin.
    origin_not_allowed = ONECORS_REASON_ORIGIN_NOT_ALLOWED,
    /// Access-Control-Request-Method is not a single token.
    malformed_request_method = ONECORS_REASON_MALFORMED_REQUEST_METHOD,
    /// The method is neither safelisted nor listed, or is forbidden in browsers.
    method_not_allowed = ONECORS_REASON_METHOD_NOT_ALLOWED,
    /// Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
    too_many_headers = ONECORS_REASON_TOO_MANY_HEADERS,
    /// Access-Control-Request-Headers is not a list of tokens.
    malformed_request_headers = ONECORS_REASON_MALFORMED_REQUEST_HEADERS,
    /// A requested header is not listed.
    header_not_allowed = ONECORS_REASON_HEADER_NOT_ALLOWED,
};

/// The stable code of an outcome, such as `actual_allowed`.
inline std::string_view to_string(Outcome outcome) noexcept {
    return detail::view(onecors_outcome_code(static_cast<std::uint32_t>(outcome)));
}

/// The stable code of a reason, such as `origin_not_allowed`.
inline std::string_view to_string(Reason reason) noexcept {
    return detail::view(onecors_reason_code(static_cast<std::uint32_t>(reason)));
}

/// A decision. It is valid only with the policy that returned it.
class Verdict {
public:
    /// The verdict that a C function returned.
    constexpr explicit Verdict(std::uint32_t bits) noexcept : bits_(bits) {}

    /// The outcome.
    Outcome outcome() const noexcept {
        return static_cast<Outcome>(onecors_verdict_outcome(bits_));
    }

    /// Why the request was denied; `std::nullopt` if it was not.
    std::optional<Reason> reason() const noexcept {
        const auto reason = onecors_verdict_reason(bits_);
        if (reason == ONECORS_REASON_NONE) {
            return std::nullopt;
        }
        return static_cast<Reason>(reason);
    }

    /// The number of the plan: an index into Policy::plans().
    std::size_t plan() const noexcept { return onecors_verdict_plan(bits_); }

    /// The verdict as the C functions take it.
    constexpr std::uint32_t bits() const noexcept { return bits_; }

    /// Whether two verdicts of the same policy are equal.
    friend constexpr bool operator==(Verdict left, Verdict right) noexcept {
        return left.bits_ == right.bits_;
    }
    /// Whether two verdicts of the same policy differ.
    friend constexpr bool operator!=(Verdict left, Verdict right) noexcept {
        return !(left == right);
    }

private:
    std::uint32_t bits_;
};

}  // namespace onecors

#endif  // ONECORS_VERDICT_HPP
