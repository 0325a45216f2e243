// A service of Lantern Books on cpp-httplib, with the policy in front of it.

#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <onecors.hpp>
#include <optional>
#include <string>

using httplib::Request;
using httplib::Response;

namespace {

// The value of a header, its lines joined; nothing when there is no line.
std::optional<std::string> field(const Request &request, const char *name) {
    const std::size_t count = request.get_header_value_count(name);
    if (count == 0) {
        return std::nullopt;
    }
    std::string value = request.get_header_value(name);
    for (std::size_t i = 1; i < count; ++i) {
        value += ", " + request.get_header_value(name, i);
    }
    return value;
}

// Puts a policy in front of every route of a server.
void put_in_front(httplib::Server &server, const onecors::Policy &policy) {
    server.set_pre_routing_handler([&policy](const Request &request, Response &response) {
        const auto origin = field(request, "Origin");
        const auto method = field(request, "Access-Control-Request-Method");
        const auto headers = field(request, "Access-Control-Request-Headers");
        const onecors::Request view{request.method, request.path, origin, method, headers};
        const onecors::Verdict verdict = policy.decide(view);
        for (const auto &[name, value] : policy.lines(verdict, view)) {
            response.set_header(std::string(name).c_str(), std::string(value));
        }
        const std::optional<int> status = policy.plan(verdict).status;
        response.status = status.value_or(response.status);
        return status ? httplib::Server::HandlerResponse::Handled
                      : httplib::Server::HandlerResponse::Unhandled;
    });
}

httplib::Server::Handler answering(int status, const std::string &body) {
    return [status, body](const Request &, Response &response) {
        response.status = status;
        if (!body.empty()) {
            response.set_content(body, "application/json");
        }
    };
}

void add_orders(httplib::Server &server, const std::string &data) {
    const auto one_order = [](const Request &request, Response &response) {
        response.set_content(R"({"order":")" + request.matches[1].str() + R"("})",
                             "application/json");
    };
    const std::string one = data + "/orders/([0-9]+)";
    server.Get(data + "/orders", answering(200, R"([{"order":"7"}])"));
    server.Post(data + "/orders", answering(201, R"({"order":"8"})"));
    server.Get(one, one_order);
    server.Put(one, one_order);
    server.Patch(one, one_order);
    server.Delete(one, answering(204, ""));
    server.Options(one, [](const Request &, Response &response) {
        response.status = 204;
        response.set_header("Allow", "GET, PUT, PATCH, DELETE, OPTIONS");
    });
    server.Get(one + "/invoice", answering(200, R"({"total":"119.88"})"));
}

const char *environment(const char *name, const char *otherwise) {
    const char *value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

}  // namespace

int main() try {
    const auto policy = onecors::Policy::from_file(environment("POLICY", "../policy.json"));
    httplib::Server server;
    put_in_front(server, policy);
    server.Get("/catalogue/([0-9]+)", answering(200, R"({"title":"The Lantern Bearers"})"));
    server.Get("/healthz", answering(200, R"({"healthy":true})"));
    add_orders(server, "");
    add_orders(server, "/staging");

    int port = std::atoi(environment("PORT", "8000"));
    if (port == 0) {
        port = server.bind_to_any_port("127.0.0.1");
    } else if (!server.bind_to_port("127.0.0.1", port)) {
        throw std::runtime_error("port " + std::to_string(port) + " is taken");
    }
    std::cout << "listening on 127.0.0.1:" << port << std::endl;
    return server.listen_after_bind() ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
}
