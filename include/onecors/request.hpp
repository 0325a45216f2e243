/// @file
/// A request as a decision sees it.
#ifndef ONECORS_REQUEST_HPP
#define ONECORS_REQUEST_HPP

#include <cstdint>
#include <optional>
#include <string_view>

#include "../onecors.h"
#include "detail/strings.hpp"

namespace onecors {

/// The parts of a request that a decision reads. `std::nullopt` is an absent field, and an empty
/// view is a field that is present and empty: an empty Origin is malformed. Nothing is trimmed, and
/// bytes need not be UTF-8. Join repeated header lines with ", " first (RFC 9110, 5.3).
struct Request {
    /// The method as received, compared case-sensitively.
    std::optional<std::string_view> method;
    /// The path that the server routes on, without the query.
    std::optional<std::string_view> path;
    /// The value of Origin.
    std::optional<std::string_view> origin;
    /// The value of Access-Control-Request-Method.
    std::optional<std::string_view> access_control_request_method;
    /// The value of Access-Control-Request-Headers.
    std::optional<std::string_view> access_control_request_headers;
};

/// A request field that a plan echoes, as received.
enum class Slot : std::uint8_t {
    /// Origin.
    origin = ONECORS_SLOT_ORIGIN,
    /// Access-Control-Request-Method.
    access_control_request_method = ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD,
    /// Access-Control-Request-Headers.
    access_control_request_headers = ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS,
};

namespace detail {

inline onecors_request request(const Request &from) noexcept {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = field(from.method);
    request.path = field(from.path);
    request.origin = field(from.origin);
    request.access_control_request_method = field(from.access_control_request_method);
    request.access_control_request_headers = field(from.access_control_request_headers);
    return request;
}

}  // namespace detail

}  // namespace onecors

#endif  // ONECORS_REQUEST_HPP
