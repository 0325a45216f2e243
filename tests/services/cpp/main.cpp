// The service of tests/services/README.md on cpp-httplib.

#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <onecors.hpp>
#include <stdexcept>
#include <string>
#include <thread>

#include "cors.hpp"

using httplib::DataSink;
using httplib::Request;
using httplib::Response;
using httplib::Server;

namespace {

constexpr std::size_t largest_upload = 64 * 1024;

Server::Handler text(const std::string &body) {
    return
        [body](const Request &, Response &response) { response.set_content(body, "text/plain"); };
}

void pause(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

void item(const Request &, Response &response) {
    response.set_header("ETag", "\"1\"");
    response.set_header("Set-Cookie", "session=1");
    response.set_header("Set-Cookie", "theme=dark");
    response.set_content("item", "text/plain");
}

// With a reader the body is the handler's. Without one cpp-httplib takes a body that has no length
// to last as long as the connection, and browsers send DELETE without.
void item_with_reader(const Request &request, Response &response,
                      const httplib::ContentReader &reader) {
    if (request.has_header("Content-Length")) {
        reader([](const char *, std::size_t) { return true; });
    }
    item(request, response);
}

void item_options(const Request &, Response &response) {
    response.status = 204;
    response.set_header("X-Handler", "options");
    response.set_header("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

// What cpp-httplib knows of authentication is a handler before routing.
Server::HandlerResponse authenticate(const Request &request, Response &response) {
    if (request.path != "/app/private" ||
        request.get_header_value("Authorization") == "Bearer token") {
        return Server::HandlerResponse::Unhandled;
    }
    response.status = 401;
    response.set_header("WWW-Authenticate", "Bearer");
    return Server::HandlerResponse::Handled;
}

void stream(const Request &, Response &response) {
    response.set_chunked_content_provider("text/plain", [](std::size_t, DataSink &sink) {
        for (const std::string chunk : {"one", "two", "three"}) {
            sink.write(chunk.data(), chunk.size());
            pause(150);
        }
        sink.done();
        return true;
    });
}

// An exception out of a provider would end the process; false is how a provider fails.
void throw_late(const Request &, Response &response) {
    response.set_chunked_content_provider("text/plain", [](std::size_t, DataSink &sink) {
        sink.write("part", 4);
        return false;
    });
}

void own(const Request &, Response &response) {
    response.set_header("Access-Control-Allow-Origin", "https://wrong.example");
    response.set_header("Access-Control-Allow-Credentials", "true");
    response.set_header("Access-Control-Expose-Headers", "x-own");
    response.set_header("Access-Control-Max-Age", "1");
    response.set_content("own", "text/plain");
}

void add_routes(Server &server) {
    server.Get("/app/item", item);
    server.Post("/app/item", item_with_reader);
    server.Put("/app/item", item_with_reader);
    server.Patch("/app/item", item_with_reader);
    server.Delete("/app/item", item_with_reader);
    server.Options("/app/item", item_options);
    server.Get("/app/get-only", text("get-only"));
    server.Get("/app/throw",
               [](const Request &, Response &) { throw std::runtime_error("thrown"); });
    server.Get("/app/reset", [](const Request &, Response &response) {
        response.set_header("X-Before", "1");
        throw std::runtime_error("thrown");
    });
    server.Get("/app/throw-late", throw_late);
    server.Get("/app/private", text("private"));
    server.Get("/app/redirect",
               [](const Request &, Response &response) { response.set_redirect("/app/item"); });
    server.Get("/app/stream", stream);
    server.Get("/app/vary", [](const Request &, Response &response) {
        response.set_header("Vary", "Accept-Encoding");
        response.set_header("Vary", "Cookie, ORIGIN");
        response.set_content("vary", "text/plain");
    });
    server.Get("/app/vary-star", [](const Request &, Response &response) {
        response.set_header("Vary", "*");
        response.set_content("vary", "text/plain");
    });
    server.Get("/app/own", own);
    server.Post("/app/upload", text("uploaded"));
    // A thread serves a request from start to end.
    server.Get("/app/slow", [](const Request &, Response &response) {
        pause(500);
        response.set_content("slow", "text/plain");
    });
    server.Get("/open/item", text("open"));
    server.Get("/plain", [](const Request &, Response &response) {
        response.set_header("Access-Control-Allow-Origin", "https://own.example");
        response.set_content("plain", "text/plain");
    });
}

void add_replace(Server &server, onecors::LivePolicy &policy) {
    server.Post("/-/replace", [&policy](const Request &request, Response &response) {
        try {
            policy.replace(request.body);
            response.status = 204;
        } catch (const onecors::PolicyError &error) {
            response.status = 422;
            response.set_content(error.what(), "text/plain");
        }
    });
}

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    if (value == nullptr) {
        throw std::runtime_error(std::string("please set ") + name);
    }
    return value;
}

}  // namespace

int main() try {
    const auto log = [](const onecors::LogLine &line) {
        std::cerr << std::string(line.text) + "\n";
    };
    auto policy = onecors::LivePolicy::watch(environment("POLICY"), log);
    Server server;
    // A connection that is kept open keeps its thread.
    server.new_task_queue = [] { return new httplib::ThreadPool(32); };
    server.set_payload_max_length(largest_upload);
    // It writes head and body apart, and a client that waits to acknowledge would hold the second
    // up.
    server.set_tcp_nodelay(true);
    // How long it waits for the body of a request that has no length.
    server.set_read_timeout(1);
    put_in_front(server, policy, log, authenticate);
    add_routes(server);
    add_replace(server, policy);

    int port = std::stoi(environment("PORT"));
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
