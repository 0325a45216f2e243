// answer, apply and the log of denials, in front of a server made for the test.
#include <algorithm>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"
#include "onecors.hpp"
#include "server.hpp"

bool answer_in_another_unit(const onecors::Policy &policy, const server::Request &request,
                            server::Response &response);

namespace {

constexpr const char *document = R"({"rules": [
    {"name": "app", "paths": ["/app/*"], "allow_origins": ["https://app.example.com"],
     "allow_credentials": true, "allow_methods": ["PUT"], "allow_headers": ["x-token"],
     "expose_headers": ["etag"]},
    {"name": "open", "paths": ["/open/*"], "allow_origins": ["*"]}]})";
constexpr const char *allowed = "https://app.example.com";

server::Request actual(const std::string &origin) {
    return {"GET", "/app/item", {{"origin", origin}}};
}

server::Request preflight(const std::string &origin) {
    return {"OPTIONS", "/app/item", {{"ORIGIN", origin}, {"access-control-request-method", "PUT"}}};
}

server::Request handshake(const std::string &origin, const std::string &host) {
    return {
        "GET", "/app/ws", {{"Origin", origin}, {"Host", host}, {"Upgrade", "h2c,\t WebSocket"}}};
}

// What came into the log.
class Log {
public:
    onecors::Logger logger() {
        return [this](const onecors::LogLine &line) {
            const std::lock_guard<std::mutex> lock(mutex_);
            severities.push_back(line.severity);
            texts.emplace_back(line.text);
            explanations.emplace_back(line.explanation);
        };
    }

    std::vector<onecors::Severity> severities;
    std::vector<std::string> texts;
    std::vector<std::string> explanations;

private:
    std::mutex mutex_;
};

void test_a_preflight_ends_here() {
    const auto policy = onecors::Policy::from_json(document);
    server::Response response;
    CHECK(onecors::answer(policy, preflight(allowed), response));
    CHECK(response.status == 204);
    CHECK(response.value("Access-Control-Allow-Origin") == allowed);
    CHECK(response.value("Access-Control-Allow-Methods") == "PUT");
    CHECK(response.value("Vary") ==
          "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

    // Where the server's last word is `apply`, it changes nothing but the order.
    auto fields = response.fields;
    onecors::apply(policy, preflight(allowed), response);
    std::sort(fields.begin(), fields.end());
    std::sort(response.fields.begin(), response.fields.end());
    CHECK(response.fields == fields);

    server::Response denied;
    CHECK(onecors::answer(policy, preflight("https://evil.example"), denied));
    CHECK(denied.status == 403 && denied.value("Access-Control-Allow-Origin").empty());
}

void test_the_application_gets_everything_else() {
    const auto policy = onecors::Policy::from_json(document);
    server::Request plain = actual(allowed);
    plain.method = "OPTIONS";
    server::Request ungoverned = preflight(allowed);
    ungoverned.path = "/else";
    for (const auto &request : {actual(allowed), actual("https://evil.example"), plain, ungoverned,
                                server::Request{"GET", "/app/item", {}}}) {
        server::Response response;
        CHECK(!onecors::answer(policy, request, response));
        CHECK(response.status == 200 && response.fields.empty());
    }
}

void test_the_policy_owns_its_fields() {
    const auto policy = onecors::Policy::from_json(document);
    const std::vector<server::Field> own = {{"Access-Control-Allow-Origin", "*"},
                                            {"access-control-allow-origin", "https://evil.example"},
                                            {"Access-Control-Allow-Private-Network", "true"},
                                            {"ACCESS-CONTROL-MAX-AGE", "1"},
                                            {"Set-Cookie", "a=1"},
                                            {"Set-Cookie", "b=2"},
                                            {"vary", "Accept-Encoding"},
                                            {"Vary", ""},
                                            {"Vary", "Cookie"}};
    server::Response response{404, own};
    onecors::apply(policy, actual(allowed), response);
    CHECK(response.status == 404);
    CHECK(response.value("Access-Control-Allow-Origin") == allowed);
    CHECK(response.value("Access-Control-Allow-Private-Network").empty());
    CHECK(response.value("Access-Control-Max-Age").empty());
    CHECK(response.value("Set-Cookie") == "a=1, b=2");
    CHECK(response.value("Vary") == "Accept-Encoding, Cookie, Origin");

    server::Response denied{200, own};
    onecors::apply(policy, actual("https://evil.example"), denied);
    CHECK(denied.value("Access-Control-Allow-Origin").empty());

    server::Request elsewhere = actual(allowed);
    elsewhere.path = "/plain";
    server::Response untouched{200, own};
    onecors::apply(policy, elsewhere, untouched);
    CHECK(untouched.fields == own);
}

// Whatever the server does with them, they come in the policy's order.
void test_the_order_is_the_policys() {
    const auto policy = onecors::Policy::from_json(document);
    for (const server::Request &request : {actual(allowed), preflight(allowed)}) {
        onecors::Request view;
        view.method = request.method;
        view.path = request.path;
        view.origin = allowed;
        view.access_control_request_method = "PUT";
        std::vector<server::Field> lines;
        for (const auto &[name, value] : policy.lines(policy.decide(view), view)) {
            lines.emplace_back(name, value);
        }
        server::Response response;
        onecors::apply(policy, request, response);
        CHECK(lines.size() > 3 && response.fields == lines);
    }
}

void test_lines_are_joined() {
    const auto policy = onecors::Policy::from_json(document);
    server::Request twice = actual(allowed);
    twice.fields.emplace_back("Origin", allowed);
    server::Response response;
    onecors::apply(policy, twice, response);
    CHECK(response.value("Access-Control-Allow-Origin").empty());

    server::Request asking = preflight(allowed);
    for (const char *name : {"x-token", "x-other"}) {
        asking.fields.emplace_back("Access-Control-Request-Headers", name);
        server::Response answer;
        CHECK(onecors::answer(policy, asking, answer));
        CHECK(answer.status == (asking.fields.size() == 3 ? 204 : 403));
    }
}

void test_handshakes() {
    const auto policy = onecors::Policy::from_json(document);
    const auto refused = [&policy](const server::Request &request) {
        server::Response response;
        const bool answered = onecors::answer(policy, request, response);
        CHECK(!answered || response.status == 403);
        return answered;
    };
    CHECK(refused(handshake("https://evil.example", "api.example.com")));
    CHECK(refused(handshake("null", "api.example.com")));
    CHECK(refused(handshake("", "api.example.com")));
    CHECK(!refused(handshake(allowed, "api.example.com")));
    CHECK(!refused(handshake("https://api.example.com", "api.example.com")));

    // No rule governs these paths, since they can be read in two ways.
    for (const char *path :
         {"/open/../app/ws", "/open%2F..%2Fapp%2Fws", "/open/%2e%2e/app/ws", "/else/../app/ws"}) {
        auto divided = handshake("https://evil.example", "api.example.com");
        divided.path = path;
        CHECK(refused(divided));
        divided.fields[0].second = "https://api.example.com";
        CHECK(!refused(divided));
        divided.fields.erase(divided.fields.begin());
        CHECK(!refused(divided));
    }
    auto ungoverned = handshake("https://evil.example", "api.example.com");
    ungoverned.path = "/else";
    CHECK(!refused(ungoverned));

    auto two_hosts = handshake("https://evil.example", "evil.example");
    two_hosts.fields.emplace_back("Host", "api.example.com");
    CHECK(refused(two_hosts));
    auto another_protocol = handshake("https://evil.example", "api.example.com");
    another_protocol.fields[2].second = "websockets, h2c";
    CHECK(!refused(another_protocol));
}

void test_denials_are_logged_once() {
    const auto policy = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response;
    for (int i = 0; i < 3; ++i) {
        onecors::apply(policy, actual("http://app.example.com"), response, &denials);
        onecors::apply(policy, actual(allowed), response, &denials);
    }
    CHECK(log.texts.size() == 1);
    CHECK(log.severities[0] == onecors::Severity::warning);
    CHECK(log.texts[0].rfind("onecors: denied the request of \"http://app.example.com\"", 0) == 0);
    CHECK(log.texts[0].find("(http, not https)") != std::string::npos);
    CHECK(log.explanations[0].find("\"reason\":\"origin_not_allowed\"") != std::string::npos);

    // Another verdict, asked twice as a server with two places does.
    CHECK(onecors::answer(policy, preflight("http://app.example.com"), response, &denials));
    onecors::apply(policy, preflight("http://app.example.com"), response, &denials);
    CHECK(onecors::answer(policy, handshake("https://evil.example", "a.example"), response,
                          &denials));
    CHECK(log.texts.size() == 3);

    const auto next = onecors::Policy::from_json(document);
    onecors::apply(next, actual("http://app.example.com"), response, &denials);
    CHECK(log.texts.size() == 4);
}

void test_the_servers_own_pages_are_no_denials() {
    const auto policy = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Request own = actual("https://api.example.com");
    own.fields.emplace_back("Host", "api.example.com");
    server::Response response;
    onecors::apply(policy, own, response, &denials);
    CHECK(log.texts.empty());
    onecors::apply(policy, actual("https://api.example.com"), response, &denials);
    CHECK(log.texts.size() == 1);
}

void test_the_log_is_bounded_and_escaped() {
    const auto policy = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response;
    const std::string forged = "https://a.example\"\n\\\x1b\xff onecors: allowed";
    onecors::apply(policy, actual(forged + std::string(100000, 'a')), response, &denials);
    CHECK(log.texts.size() == 1 && log.texts[0].size() < 1000);
    for (const char byte : log.texts[0] + log.explanations[0]) {
        CHECK(static_cast<unsigned char>(byte) >= ' ' && byte != '\x7f');
    }
    CHECK(log.texts[0].find('\xff') == std::string::npos);

    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&policy, &denials] {
            for (int i = 0; i < 1200; ++i) {
                server::Response unread;
                const auto origin = "https://" + std::to_string(i) + ".example";
                onecors::apply(policy, actual(origin), unread, &denials);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(log.texts.size() == 1001);
    std::size_t last_lines = 0;
    for (const std::string &text : log.texts) {
        last_lines += text.find("no more are until the policy is replaced") != text.npos;
    }
    CHECK(last_lines == 1);
}

void test_strangers_use_up_their_own_lines_alone() {
    const auto policy = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response;
    const auto deny = [&](const server::Request &request) {
        onecors::apply(policy, request, response, &denials);
        return log.texts.size();
    };
    for (int i = 0; i < 1200; ++i) {
        deny(actual("https://scanner-" + std::to_string(i) + ".example"));
    }
    CHECK(log.texts.size() == 1001);
    CHECK(deny(actual("https://scanner-0.example")) == 1001);
    CHECK(deny(actual("http://app.example.com")) == 1002);
    CHECK(deny(actual("http://app.example.com")) == 1002);
    CHECK(log.texts.back().find("(http, not https)") != std::string::npos);
    auto purge = preflight(allowed);
    purge.fields[1].second = "PURGE";
    CHECK(deny(purge) == 1003);
    CHECK(deny(purge) == 1003);
}

void test_the_document_bounds_near_misses() {
    const auto policy = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response;
    for (int i = 0; i < 100000; ++i) {
        const std::string port = ":" + std::to_string(1 + i % 65535);
        onecors::apply(policy, actual(allowed + port), response, &denials);
        onecors::apply(policy, actual("https://a" + std::to_string(i) + ".app.example.com"),
                       response, &denials);
    }
    CHECK(log.texts.size() >= 2 && log.texts.size() < 10);
}

void test_policies_that_share_a_log_are_bounded_each() {
    const auto one = onecors::Policy::from_json(document);
    const auto other = onecors::Policy::from_json(document);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 1200; ++i) {
            const auto request = actual("https://" + std::to_string(i) + ".example");
            onecors::apply(one, request, response, &denials);
            onecors::apply(other, request, response, &denials);
        }
    }
    CHECK(log.texts.size() == 2002);
}

void test_a_logger_that_throws_breaks_nothing() {
    const auto policy = onecors::Policy::from_json(document);
    onecors::DenialLog denials([](const onecors::LogLine &) { throw std::runtime_error("full"); });
    onecors::DenialLog none(nullptr);
    server::Response response;
    onecors::apply(policy, actual("https://evil.example"), response, &denials);
    onecors::apply(policy, actual("https://evil.example"), response, &none);
    CHECK(response.value("Vary") == "Origin");
}

void test_a_policy_that_cannot_decide_denies() {
    auto policy = onecors::Policy::from_json(document);
    const auto taken = std::move(policy);
    Log log;
    onecors::DenialLog denials(log.logger());
    server::Response response{200, {{"Access-Control-Allow-Origin", "*"}}};
    CHECK(!onecors::answer(policy, actual(allowed), response, &denials));
    onecors::apply(policy, actual(allowed), response, &denials);
    CHECK(response.fields.empty());
}

void test_two_units() {
    const auto policy = onecors::Policy::from_json(document);
    server::Response response;
    CHECK(answer_in_another_unit(policy, preflight(allowed), response));
    CHECK(response.status == 204);
}

}  // namespace

int main() {
    test_a_preflight_ends_here();
    test_the_application_gets_everything_else();
    test_the_policy_owns_its_fields();
    test_the_order_is_the_policys();
    test_lines_are_joined();
    test_handshakes();
    test_denials_are_logged_once();
    test_the_servers_own_pages_are_no_denials();
    test_the_log_is_bounded_and_escaped();
    test_strangers_use_up_their_own_lines_alone();
    test_the_document_bounds_near_misses();
    test_policies_that_share_a_log_are_bounded_each();
    test_a_logger_that_throws_breaks_nothing();
    test_a_policy_that_cannot_decide_denies();
    test_two_units();
}
