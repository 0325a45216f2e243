// A policy in front of cpp-httplib: every route, file, stream and error page of a server.
#ifndef CORS_HPP
#define CORS_HPP

#include <httplib.h>
#include <strings.h>

#include <cstring>
#include <memory>
#include <onecors.hpp>
#include <string>
#include <string_view>
#include <utility>

template <>
struct onecors::RequestTraits<httplib::Request> {
    static std::string_view method(const httplib::Request &request) { return request.method; }
    // Decoded, like the path that routes are matched against.
    static std::string_view path(const httplib::Request &request) { return request.path; }

    template <typename Line>
    static void lines(const httplib::Request &request, const char *name, Line &&line) {
        // Faster than the map's own search, which consults the locale for each letter.
        const std::size_t length = std::strlen(name);
        for (const auto &[other, value] : request.headers) {
            if (other.size() == length && strcasecmp(other.c_str(), name) == 0) {
                line(value);
            }
        }
    }
};

template <>
struct onecors::ResponseTraits<httplib::Response> {
    template <typename Visit>
    static void fields(const httplib::Response &response, Visit &&field) {
        for (const auto &[name, value] : response.headers) {
            field(name, value);
        }
    }
    static void erase(httplib::Response &response, const std::string &name) {
        response.headers.erase(name);
    }
    template <typename Value>
    static void add(httplib::Response &response, const std::string &name, Value &&value) {
        // The map is sorted by name, and most of the policy's names come before all others.
        response.headers.emplace_hint(response.headers.begin(), name, std::forward<Value>(value));
    }
    static void end(httplib::Response &response, int status) { response.status = status; }
};

// The policy must outlive the server. A server has a single handler before routing: pass the
// application's own, such as one that authenticates, as `next`. Preflights do not reach it.
inline void put_in_front(httplib::Server &server, const onecors::LivePolicy &policy,
                         onecors::Logger logger,
                         httplib::Server::HandlerWithResponse next = nullptr) {
    using Answered = httplib::Server::HandlerResponse;
    // A thread serves one request at a time, from before routing until the response header is
    // written.
    static thread_local std::shared_ptr<const onecors::Policy> of_this_request;
    const auto denials = std::make_shared<onecors::DenialLog>(std::move(logger));

    server.set_pre_routing_handler([&policy, denials, next](const auto &request, auto &response) {
        of_this_request = policy.current();
        if (onecors::answer(*of_this_request, request, response, denials.get())) {
            return Answered::Handled;
        }
        return next ? next(request, response) : Answered::Unhandled;
    });
    // Called for every response: a 404, the 500 of an exception, a 413, a file, a stream.
    server.set_post_routing_handler([&policy, denials](const auto &request, auto &response) {
        auto in_force = std::exchange(of_this_request, nullptr);
        if (in_force == nullptr) {
            // Refused before routing (400, 414, 416), possibly before all fields were read: then a
            // preflight gets no permission.
            if (request.method == "OPTIONS") {
                return;
            }
            in_force = policy.current();
        }
        onecors::apply(*in_force, request, response, denials.get());
        if (response.status == 204) {
            // cpp-httplib sends 0, which RFC 9110, 8.6, forbids.
            response.headers.erase("Content-Length");
        }
    });
}

#endif
