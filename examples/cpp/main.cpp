// A service of Lantern Books on cpp-httplib, with the policy in front of it.

#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <onecors.hpp>
#include <string>

#include "cors.hpp"

using httplib::Request;
using httplib::Response;

namespace {

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
    server.Get(one + "/label", [](const Request &, Response &) {
        throw std::runtime_error("the printer is out of labels");
    });
}

const char *environment(const char *name, const char *otherwise) {
    const char *value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

}  // namespace

int main() try {
    const auto log = [](const onecors::LogLine &line) {
        std::cerr << std::string(line.text) + "\n";
    };
    const auto policy = onecors::LivePolicy::watch(environment("POLICY", "../policy.json"), log);
    httplib::Server server;
    put_in_front(server, policy, log);
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
