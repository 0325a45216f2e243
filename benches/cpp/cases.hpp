// What is measured, as benches/documents wrote it: policies, origins to send, scenarios.
#ifndef CASES_HPP
#define CASES_HPP

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The fields of one request, besides those that every request has.
struct Sent {
    std::string method;
    std::optional<std::string> origin;
    std::optional<std::string> access_control_request_method;
    std::optional<std::string> access_control_request_headers;
};

struct Scenario {
    std::string name;
    bool is_preflight = false;
    bool is_allowed = false;
    bool has_origin = false;
    // To be sent in turn, so that no request has the same text as the one before.
    std::vector<Sent> requests;
};

inline std::string environment(const char *name, const char *otherwise = nullptr) {
    const char *value = std::getenv(name);
    if (value == nullptr && otherwise == nullptr) {
        throw std::runtime_error(std::string("please set ") + name);
    }
    return value != nullptr ? value : otherwise;
}

inline std::string read_file(const std::string &path) {
    std::ifstream file(path);
    std::ostringstream text;
    if (!(text << file.rdbuf())) {
        throw std::runtime_error("cannot read " + path);
    }
    return text.str();
}

// The documents, in the folder DOCUMENTS.
class Cases {
public:
    using Json = nlohmann::ordered_json;

    Cases()
        : folder_(environment("DOCUMENTS") + "/"),
          described_(Json::parse(read_file("../scenarios.json"))) {}

    std::string policy_path(const std::string &origins) const {
        return folder_ + origins + ".json";
    }

    nlohmann::json policy(const std::string &origins) const {
        return nlohmann::json::parse(read_file(policy_path(origins)));
    }

    // The fields that every request has.
    std::vector<std::pair<std::string, std::string>> common_fields() const {
        std::vector<std::pair<std::string, std::string>> fields;
        for (const auto &[name, value] : described_["request_headers"].items()) {
            fields.emplace_back(name, value);
        }
        return fields;
    }

    // The five scenarios with the origins of a set.
    std::vector<Scenario> scenarios(const std::string &origins) const {
        const Json texts = Json::parse(read_file(folder_ + origins + ".requests.json"));
        std::vector<Scenario> scenarios;
        for (const auto &[name, described] : described_["scenarios"].items()) {
            Scenario scenario;
            scenario.name = name;
            scenario.is_preflight = described["method"] == "OPTIONS";
            scenario.has_origin = !described["origin"].is_null();
            scenario.is_allowed = described["origin"] == "hit";
            for (const auto &text : texts[scenario.is_allowed ? "hits" : "misses"]) {
                Sent sent = read(described);
                if (scenario.has_origin) {
                    sent.origin = text;
                }
                scenario.requests.push_back(sent);
            }
            scenarios.push_back(scenario);
        }
        return scenarios;
    }

    // Input that is to cost no more than its length; see benches/scenarios.json.
    Json hostile() const { return Json::parse(read_file(folder_ + "hostile.json")); }

    // A request with a hostile value in one field.
    Sent hostile_request(const std::string &field, const std::string &value) const {
        const bool in_origin = field == "origin";
        Sent sent =
            read(described_["scenarios"][in_origin ? "actual-allowed" : "preflight-allowed"]);
        sent.origin = in_origin ? value : scenarios("exact-10")[1].requests[0].origin;
        if (!in_origin) {
            sent.access_control_request_headers = value;
        }
        return sent;
    }

private:
    static Sent read(const Json &described) {
        const auto field = [&described](const char *name) {
            return described.contains(name) ? std::make_optional<std::string>(described[name])
                                            : std::nullopt;
        };
        return {described["method"], std::nullopt, field("access_control_request_method"),
                field("access_control_request_headers")};
    }

    std::string folder_;
    Json described_;
};

#endif
