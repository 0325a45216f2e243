// CORS for cpp-httplib as one writes it by hand for a service, with care and without haste: the
// origins in a hash set, the fixed values joined once, and what cpp-httplib offers for the rest.
#ifndef HAND_WRITTEN_HPP
#define HAND_WRITTEN_HPP

#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

class HandWritten {
public:
    explicit HandWritten(const nlohmann::json &policy)
        : methods_({"GET", "HEAD", "POST"}),
          allow_methods_(join(policy["allow_methods"])),
          allow_headers_(join(policy["allow_headers"])),
          expose_headers_(join(policy["expose_headers"])),
          max_age_(std::to_string(policy["max_age"].get<int>())) {
        methods_.insert(policy["allow_methods"].begin(), policy["allow_methods"].end());
        headers_.insert(policy["allow_headers"].begin(), policy["allow_headers"].end());
        for (const auto &entry : policy["allow_origins"]) {
            add_origin(entry);
        }
    }

    // Answers a preflight.
    bool before(const httplib::Request &request, httplib::Response &response) const {
        if (request.method != "OPTIONS" || !request.has_header("Access-Control-Request-Method")) {
            return false;
        }
        response.set_header(
            "Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        const std::string origin = request.get_header_value("Origin");
        const bool allowed =
            allows_origin(origin) &&
            methods_.count(request.get_header_value("Access-Control-Request-Method")) > 0 &&
            allows_headers(request.get_header_value("Access-Control-Request-Headers"));
        response.status = allowed ? 204 : 403;
        if (allowed) {
            response.set_header("Access-Control-Allow-Origin", origin);
            response.set_header("Access-Control-Allow-Credentials", "true");
            response.set_header("Access-Control-Allow-Methods", allow_methods_);
            response.set_header("Access-Control-Allow-Headers", allow_headers_);
            response.set_header("Access-Control-Max-Age", max_age_);
        }
        return true;
    }

    // Permits the page to read the response.
    void after(const httplib::Request &request, httplib::Response &response) const {
        response.set_header("Vary", "Origin");
        const std::string origin = request.get_header_value("Origin");
        if (allows_origin(origin)) {
            response.set_header("Access-Control-Allow-Origin", origin);
            response.set_header("Access-Control-Allow-Credentials", "true");
            response.set_header("Access-Control-Expose-Headers", expose_headers_);
        }
    }

private:
    void add_origin(const nlohmann::json &entry) {
        if (entry.is_object()) {
            regexes_.emplace_back(entry["regex"].get<std::string>(), std::regex::optimize);
            return;
        }
        const std::string origin = entry;
        const std::size_t star = origin.find('*');
        if (star == origin.npos) {
            origins_.insert(origin);
        } else {
            suffixes_.push_back(origin.substr(star + 1));
        }
    }

    bool allows_origin(const std::string &origin) const {
        const auto ends_with = [&origin](const std::string &suffix) {
            return origin.size() > suffix.size() &&
                   origin.compare(origin.size() - suffix.size(), suffix.size(), suffix) == 0;
        };
        const auto matches = [&origin](const std::regex &regex) {
            return std::regex_match(origin, regex);
        };
        return origins_.count(origin) > 0 ||
               (origin.rfind("https://", 0) == 0 &&
                std::any_of(suffixes_.begin(), suffixes_.end(), ends_with)) ||
               std::any_of(regexes_.begin(), regexes_.end(), matches);
    }

    bool allows_headers(const std::string &list) const {
        std::istringstream names(list);
        std::string name;
        while (std::getline(names, name, ',')) {
            name.erase(0, name.find_first_not_of(' '));
            name.erase(name.find_last_not_of(' ') + 1);
            std::transform(name.begin(), name.end(), name.begin(), ::tolower);
            if (headers_.count(name) == 0) {
                return false;
            }
        }
        return true;
    }

    static std::string join(const std::vector<std::string> &names) {
        std::string joined;
        for (const std::string &name : names) {
            joined += (joined.empty() ? "" : ", ") + name;
        }
        return joined;
    }

    std::unordered_set<std::string> origins_;
    std::vector<std::string> suffixes_;
    std::vector<std::regex> regexes_;
    std::unordered_set<std::string> methods_;
    std::unordered_set<std::string> headers_;
    std::string allow_methods_;
    std::string allow_headers_;
    std::string expose_headers_;
    std::string max_age_;
};

#endif
