// A server to be put under load: server none|hand-written|onecors|onecors-live PORT DOCUMENT

#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <onecors.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "cases.hpp"
#include "cors.hpp"
#include "hand_written.hpp"

using httplib::Request;
using httplib::Response;
using httplib::Server;

namespace {

void print(const onecors::LogLine &line) {
    std::cerr << std::string(line.text) + "\n";
}

void put_in_front(Server &server, const HandWritten &cors) {
    server.set_pre_routing_handler([&cors](const Request &request, Response &response) {
        return cors.before(request, response) ? Server::HandlerResponse::Handled
                                              : Server::HandlerResponse::Unhandled;
    });
    server.set_post_routing_handler([&cors](const Request &request, Response &response) {
        if (request.method != "OPTIONS") {
            cors.after(request, response);
        }
    });
}

}  // namespace

int main(int count, char **arguments) try {
    if (count != 4) {
        throw std::runtime_error(
            "usage: server none|hand-written|onecors|onecors-live PORT DOCUMENT");
    }
    const std::string subject = arguments[1];
    const std::string document = arguments[3];
    Server server;
    // A connection keeps its thread as long as it is kept open.
    server.new_task_queue = [] { return new httplib::ThreadPool(64); };
    server.set_keep_alive_max_count(std::size_t{1} << 30);
    server.set_tcp_nodelay(true);
    std::unique_ptr<onecors::LivePolicy> policy;
    std::optional<HandWritten> cors;
    if (subject == "onecors") {
        policy = std::make_unique<onecors::LivePolicy>(onecors::Policy::from_file(document));
        put_in_front(server, *policy, print);
    } else if (subject == "onecors-live") {
        policy.reset(new onecors::LivePolicy(onecors::LivePolicy::watch(document, print)));
        put_in_front(server, *policy, print);
    } else if (subject == "hand-written") {
        cors.emplace(nlohmann::json::parse(read_file(document)));
        put_in_front(server, *cors);
    } else if (subject != "none") {
        throw std::runtime_error("no such subject: " + subject);
    }
    server.Get("/items", [](const Request &, Response &response) {
        response.set_content(R"({"items":[]})", "application/json");
    });
    server.Options("/items", [](const Request &, Response &response) { response.status = 204; });
    return server.listen("127.0.0.1", std::stoi(arguments[2])) ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
}
