/// @file
/// The answers that a policy can give.
#ifndef ONECORS_PLAN_HPP
#define ONECORS_PLAN_HPP

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "../onecors.h"
#include "detail/strings.hpp"
#include "request.hpp"

namespace onecors {

/// One header line.
struct Header {
    /// The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`.
    std::string_view name;
    /// The value.
    std::string_view value;
};

/// One header line of a plan. The views live as long as the policy.
struct PlanHeader {
    /// The name, as in Header.
    std::string_view name;
    /// Fixed text, or the request field to echo.
    std::variant<std::string_view, Slot> value;
};

/// One of the answers that a policy can give. The views live as long as the policy.
struct Plan {
    /// If set, answer with this status and no body (preflights only).
    std::optional<int> status;
    /// The header lines to set, in this order, replacing any of the same name.
    std::vector<PlanHeader> headers;
    /// The tokens to merge into `Vary`; empty if `Vary` is to be left alone.
    std::vector<std::string_view> vary;
};

/// The header lines of a response that has none yet, in the policy's order, `Vary` last. It stores
/// the lines without allocating. Names live as long as the policy, values as long as the policy and
/// the strings of the request.
class Lines {
public:
    /// The first line.
    const Header *begin() const noexcept { return lines_.data(); }
    /// The end of the lines.
    const Header *end() const noexcept { return lines_.data() + count_; }
    /// The number of lines.
    std::size_t size() const noexcept { return count_; }
    /// Whether there are no lines.
    bool empty() const noexcept { return count_ == 0; }
    /// One line. The index must be less than size().
    const Header &operator[](std::size_t index) const noexcept { return lines_[index]; }

private:
    friend class Policy;
    std::array<Header, ONECORS_MAX_HEADERS> lines_;
    std::size_t count_ = 0;
};

/// Whether a response field of this name belongs to the policy on governed paths. An adapter
/// removes such fields before it adds the lines of a plan. See onecors_is_owned.
inline bool is_owned(std::string_view name) noexcept {
    return onecors_is_owned(detail::str(name)) != 0;
}

}  // namespace onecors

#endif  // ONECORS_PLAN_HPP
