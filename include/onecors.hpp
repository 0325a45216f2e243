/// @file
/// onecors.hpp: one CORS policy, decided by one engine, in C++17. It includes every header of
/// onecors/.
///
///     const auto policy = onecors::Policy::from_file("/etc/shop/cors.json");
///
///     onecors::Request request;
///     request.method = "GET";
///     request.path = "/orders";
///     request.origin = origin;
///     const onecors::Verdict verdict = policy.decide(request);
///     for (const auto &[name, value] : policy.lines(verdict, request)) {
///         response.set(name, value);
///     }
///
/// In front of a server it takes two calls, once RequestTraits and ResponseTraits describe the
/// server's types: `answer` before routing, and `apply` when the response is about to start.
///
///     if (onecors::answer(policy, request, response)) return;  // a preflight
///     ...
///     onecors::apply(policy, request, response);
///
/// The headers wrap onecors.h, and need nothing else but the system's threads. Any number of
/// threads may use a `const Policy` at once. A LivePolicy holds a policy that can be replaced while
/// requests are served, and can watch a file.
///
/// Every returned `std::string_view` is borrowed from the policy or from the request, as its
/// function says, and need not end in a NUL.
#ifndef ONECORS_HPP
#define ONECORS_HPP

#include "onecors/adapter.hpp"
#include "onecors/denials.hpp"
#include "onecors/error.hpp"
#include "onecors/live.hpp"
#include "onecors/log.hpp"
#include "onecors/plan.hpp"
#include "onecors/policy.hpp"
#include "onecors/request.hpp"
#include "onecors/text.hpp"
#include "onecors/traits.hpp"
#include "onecors/verdict.hpp"

#endif  // ONECORS_HPP
