// The header fields of a server's messages.
#ifndef ONECORS_DETAIL_FIELDS_HPP
#define ONECORS_DETAIL_FIELDS_HPP

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "../traits.hpp"

namespace onecors::detail {

/// The value of a request field, its lines joined with ", " (RFC 9110, 5.3). A single line, which
/// is what browsers send, is not copied.
class FieldValue {
public:
    FieldValue() = default;
    template <typename T>
    FieldValue(const T &request, const char *name) {
        read(request, name);
    }
    FieldValue(const FieldValue &) = delete;
    FieldValue &operator=(const FieldValue &) = delete;

    template <typename T>
    void read(const T &request, const char *name) {
        RequestTraits<T>::lines(request, name, [this](std::string_view line) { add(line); });
    }

    std::optional<std::string_view> view() const noexcept {
        return joined_.empty() ? only_ : std::make_optional<std::string_view>(joined_);
    }

private:
    void add(std::string_view line) {
        if (!only_) {
            only_ = line;
            return;
        }
        if (joined_.empty()) {
            joined_ = *only_;
        }
        joined_.append(", ").append(line);
    }

    std::optional<std::string_view> only_;
    std::string joined_;
};

inline char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(),
                      [](char one, char other) { return lower(one) == lower(other); });
}

/// Whether a comma-separated list has this token.
inline bool has_token(std::string_view list, std::string_view token) noexcept {
    constexpr std::string_view space = " \t";
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view member = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        member.remove_prefix(std::min(member.find_first_not_of(space), member.size()));
        member = member.substr(0, member.find_last_not_of(space) + 1);
        if (equal_ignoring_case(member, token)) {
            return true;
        }
    }
    return false;
}

/// Whether a request opens a WebSocket, for which browsers send no preflight.
template <typename T>
bool is_handshake(const T &request) {
    return RequestTraits<T>::method(request) == "GET" &&
           has_token(FieldValue(request, "Upgrade").view().value_or(""), "websocket");
}

}  // namespace onecors::detail

#endif  // ONECORS_DETAIL_FIELDS_HPP
