/// @file
/// A policy in front of any server.
#ifndef ONECORS_ADAPTER_HPP
#define ONECORS_ADAPTER_HPP

#include <optional>

#include "denials.hpp"
#include "detail/decision.hpp"
#include "detail/fields.hpp"
#include "policy.hpp"
#include "traits.hpp"

namespace onecors {

/// Answers a request that must not reach the application, and returns whether it did: a preflight,
/// or a WebSocket handshake from an origin that is not allowed, which gets 403. Call it before
/// authentication and routing, with an empty response.
///
/// If the server has a place for `apply`, call `apply` for these responses too. It throws only what
/// the traits throw, and `std::bad_alloc`.
template <typename RequestType, typename ResponseType>
bool answer(const Policy &policy, const RequestType &request, ResponseType &response,
            DenialLog *denials = nullptr) {
    if (RequestTraits<RequestType>::method(request) != "OPTIONS" &&
        !detail::is_handshake(request)) {
        return false;
    }
    const detail::Decision<RequestType> decision(policy, request);
    const std::optional<int> status = decision.status();
    if (status) {
        if (denials != nullptr) {
            decision.record(*denials);
        }
        ResponseTraits<ResponseType>::end(response, *status);
        decision.apply(response);
    }
    return status.has_value();
}

/// Sets the policy's header fields on a response, in the policy's order. Call it when the response
/// is about to start: for error pages, redirects and streams as well, whatever produced them.
/// Calling it twice for one response is harmless.
///
/// On governed paths it removes `Access-Control-Allow-*`, `-Expose-Headers` and `-Max-Age` fields
/// that the application has set, and merges `Vary`. It throws only what the traits throw, and
/// `std::bad_alloc`.
template <typename RequestType, typename ResponseType>
void apply(const Policy &policy, const RequestType &request, ResponseType &response,
           DenialLog *denials = nullptr) {
    const detail::Decision<RequestType> decision(policy, request);
    if (denials != nullptr) {
        decision.record(*denials);
    }
    decision.apply(response);
}

}  // namespace onecors

#endif  // ONECORS_ADAPTER_HPP
