// Measures onecors.hpp in front of cpp-httplib, and onecors_decide alone; see benches/README.md.

#include <httplib.h>

#include <cstdint>
#include <memory>
#include <onecors.hpp>

#include "cases.hpp"
#include "cors.hpp"
#include "hand_written.hpp"
#include "limit.hpp"
#include "rounds.hpp"

using httplib::Request;
using httplib::Response;
using Line = nlohmann::ordered_json;

namespace {

const bool quick = environment("QUICK", "") == "1";
const std::size_t rounds = quick ? 3 : 101;

// A CORS layer, as a server calls it: before routing, and when the response is about to start.
struct Layer {
    std::string name;
    std::function<bool(const Request &, Response &)> before;
    std::function<void(const Request &, Response &)> after;
};

Layer nothing(bool is_preflight) {
    // No layer lets a preflight through to the handler.
    return {"nothing", [is_preflight](const auto &, auto &) { return is_preflight; },
            [](const auto &, auto &) {}};
}

Layer onecors_layer(const std::string &path) {
    const auto policy = std::make_shared<onecors::Policy>(onecors::Policy::from_file(path));
    const auto denials = std::make_shared<onecors::DenialLog>([](const onecors::LogLine &) {});
    return {"onecors",
            [policy, denials](const auto &request, auto &response) {
                return onecors::answer(*policy, request, response, denials.get());
            },
            [policy, denials](const auto &request, auto &response) {
                onecors::apply(*policy, request, response, denials.get());
            }};
}

template <typename Subject>
Layer layer(const std::string &name, const nlohmann::json &policy) {
    const auto subject = std::make_shared<const Subject>(policy);
    return {name,
            [subject](const auto &request, auto &response) {
                return subject->before(request, response);
            },
            [subject](const auto &request, auto &response) { subject->after(request, response); }};
}

bool is_exact(const std::string &origins) {
    return origins.rfind("exact", 0) == 0;
}

// All that there is for a set of origins, but for `nothing`.
std::vector<Layer> layers(const Cases &cases, const std::string &origins) {
    const nlohmann::json policy = cases.policy(origins);
    std::vector<Layer> layers = {onecors_layer(cases.policy_path(origins)),
                                 layer<HandWritten>("hand-written", policy)};
    if (is_exact(origins)) {
        layers.push_back(layer<Limit>("limit", policy));
    }
    return layers;
}

Response serve(const Layer &layer, const Request &request) {
    static const std::string body = R"({"items":[]})";
    Response response;
    if (!layer.before(request, response)) {
        response.status = 200;
        response.set_content(body, "application/json");
        layer.after(request, response);
    }
    return response;
}

Request make_request(const Cases &cases, const Sent &sent) {
    Request request;
    request.method = sent.method;
    request.path = "/items";
    for (const auto &[name, value] : cases.common_fields()) {
        request.set_header(name, value);
    }
    const auto set = [&request](const char *name, const std::optional<std::string> &value) {
        if (value) {
            request.set_header(name, *value);
        }
    };
    set("Origin", sent.origin);
    set("Access-Control-Request-Method", sent.access_control_request_method);
    set("Access-Control-Request-Headers", sent.access_control_request_headers);
    return request;
}

// What is wrong with an answer; empty when it is right.
std::string fault(const Layer &layer, const Scenario &scenario, const Request &request) {
    const Response response = serve(layer, request);
    const bool allows = response.get_header_value("Access-Control-Allow-Origin") ==
                        (scenario.is_allowed ? *scenario.requests[0].origin : "");
    const int status = !scenario.is_preflight ? 200 : scenario.is_allowed ? 204 : 403;
    std::size_t lines = scenario.is_preflight ? 0 : 1;  // Content-Type.
    lines += !scenario.is_allowed ? 1 : scenario.is_preflight ? 6 : 4;
    const bool varies = response.get_header_value("Vary").rfind("Origin", 0) == 0;
    const bool right =
        allows && varies && response.status == status && response.headers.size() == lines;
    return right ? "" : "the answer is not the expected one";
}

void measure_http(const Cases &cases, const std::string &origins) {
    const std::vector<Layer> measured = layers(cases, origins);
    for (const Scenario &scenario : cases.scenarios(origins)) {
        std::vector<Request> requests;
        for (const Sent &sent : scenario.requests) {
            requests.push_back(make_request(cases, sent));
        }
        std::vector<Timed> subjects;
        const auto add = [&](const Layer &layer) {
            subjects.push_back({layer.name, [&requests, layer](std::size_t calls) {
                                    for (std::size_t i = 0; i < calls; ++i) {
                                        serve(layer, requests[i % requests.size()]);
                                    }
                                }});
        };
        add(nothing(scenario.is_preflight));
        for (const Layer &layer : measured) {
            add(layer);
            subjects.back().note = fault(layer, scenario, requests[0]);
            if (!subjects.back().note.empty()) {
                throw std::logic_error(layer.name + ", " + origins + ", " + scenario.name + ": " +
                                       subjects.back().note);
            }
        }
        run_rounds(subjects, rounds);
        for (const Timed &timed : subjects) {
            print({{"part", "adapter"},
                   {"framework", "http"},
                   {"origins", origins},
                   {"scenario", scenario.name}},
                  timed);
        }
    }
}

// The functions of framework `c`. Each gives a number that depends on what it found.
using Decide = std::function<std::uint32_t(const onecors_request &)>;

std::uint32_t decide_by_limit(const LimitPolicy &policy, const onecors_request &request) {
    const auto view = [](onecors_str str) { return std::string_view(str.data, str.len); };
    if (request.origin.len == ONECORS_ABSENT) {
        return 0;
    }
    const bool allows_origin = policy.allows_origin(view(request.origin));
    if (view(request.method) != "OPTIONS" ||
        request.access_control_request_method.len == ONECORS_ABSENT) {
        return allows_origin ? 1 : 2;
    }
    const bool allowed = allows_origin &&
                         policy.allows_method(view(request.access_control_request_method)) &&
                         policy.allows_headers(view(request.access_control_request_headers));
    return allowed ? 3 : 4;
}

onecors_request make_c_request(const Sent &sent) {
    const auto field = [](const std::optional<std::string> &text) {
        return onecors_str_from(text ? text->c_str() : nullptr);
    };
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = onecors_str_from(sent.method.c_str());
    request.path = onecors_str_from("/items");
    request.origin = field(sent.origin);
    request.access_control_request_method = field(sent.access_control_request_method);
    request.access_control_request_headers = field(sent.access_control_request_headers);
    return request;
}

void measure_c(const Cases &cases, const std::string &origins) {
    const auto policy = onecors::Policy::from_file(cases.policy_path(origins));
    std::vector<std::pair<std::string, Decide>> functions = {
        {"nothing", [](const auto &) { return 0; }},
        {"onecors", [&policy](const onecors_request &request) {
             std::uint32_t verdict = ONECORS_VERDICT_FAILED;
             const onecors_result result = onecors_decide(policy.get(), &request, &verdict);
             return result == ONECORS_OK ? verdict : ONECORS_VERDICT_FAILED;
         }}};
    if (is_exact(origins)) {
        const auto limit = std::make_shared<const LimitPolicy>(cases.policy(origins));
        // A library has to be called: so is one, for nothing.
        functions.emplace_back("limit", [limit](const onecors_request &request) {
            return onecors_abi_version() + decide_by_limit(*limit, request);
        });
    }
    for (const Scenario &scenario : cases.scenarios(origins)) {
        std::vector<onecors_request> requests;
        for (const Sent &sent : scenario.requests) {
            requests.push_back(make_c_request(sent));
        }
        std::vector<Timed> subjects;
        for (const auto &[name, decide] : functions) {
            subjects.push_back({name, [&requests, decide = decide](std::size_t calls) {
                                    volatile std::uint32_t found = 0;
                                    for (std::size_t i = 0; i < calls; ++i) {
                                        found = decide(requests[i % requests.size()]);
                                    }
                                    static_cast<void>(found);
                                }});
        }
        run_rounds(subjects, rounds);
        for (const Timed &timed : subjects) {
            print({{"part", "adapter"},
                   {"framework", "c"},
                   {"origins", origins},
                   {"scenario", scenario.name}},
                  timed);
        }
    }
}

void measure_hostile(const Cases &cases) {
    const double too_long = quick ? 5e7 : 2e9;
    const std::size_t samples = quick ? 1 : 5;
    const auto inputs = cases.hostile();
    for (const auto &[input, described] : inputs.items()) {
        for (const Layer &layer : layers(cases, described["origins"])) {
            bool is_too_slow = layer.name == "limit";
            for (const std::string value : described["values"]) {
                if (is_too_slow) {
                    break;
                }
                const Request request =
                    make_request(cases, cases.hostile_request(described["field"], value));
                Timed timed{layer.name, [&layer, &request](std::size_t calls) {
                                for (std::size_t i = 0; i < calls; ++i) {
                                    serve(layer, request);
                                }
                            }};
                timed.samples.push_back(time(timed.batch, 1));
                is_too_slow = timed.samples[0] > too_long;
                if (!is_too_slow) {
                    timed.samples.clear();
                    std::vector<Timed> alone = {timed};
                    run_rounds(alone, samples);
                    timed = alone[0];
                }
                print({{"part", "hostile"},
                       {"framework", "http"},
                       {"input", input},
                       {"length", value.size()}},
                      timed);
            }
        }
    }
}

void print_versions() {
    const auto print_version = [](const char *subject, std::string_view version) {
        std::cout << Line{{"part", "version"}, {"subject", subject}, {"version", version}}.dump()
                  << std::endl;
    };
    print_version("g++", __VERSION__);
    print_version("cpp-httplib", CPPHTTPLIB_VERSION);
    print_version("onecors", onecors::version());
}

}  // namespace

int main() try {
    const Cases cases;
    print_versions();
    std::vector<std::string> sets = {"exact-10", "regex-100"};
    if (!quick) {
        sets.insert(sets.end(), {"wildcard-100", "exact-1000", "exact-100000", "exact-1000000"});
    }
    for (const std::string &origins : sets) {
        std::cerr << "cpp: " << origins << "\n";
        measure_http(cases, origins);
        measure_c(cases, origins);
    }
    std::cerr << "cpp: hostile input\n";
    measure_hostile(cases);
    return EXIT_SUCCESS;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
}
