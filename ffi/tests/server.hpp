// The request and the response of a server made for the tests, described to onecors.hpp.
#ifndef SERVER_HPP
#define SERVER_HPP

#include <strings.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onecors.hpp"

namespace server {

using Field = std::pair<std::string, std::string>;

struct Request {
    std::string method = "GET";
    std::string path = "/";
    std::vector<Field> fields;
};

struct Response {
    int status = 200;
    std::vector<Field> fields;

    // The lines of a field, whatever the case of its name, joined.
    std::string value(const char *name) const {
        std::string lines;
        for (const auto &[other, value] : fields) {
            if (strcasecmp(other.c_str(), name) == 0) {
                lines += (lines.empty() ? "" : ", ") + value;
            }
        }
        return lines;
    }
};

}  // namespace server

template <>
struct onecors::RequestTraits<server::Request> {
    static std::string_view method(const server::Request &request) { return request.method; }
    static std::string_view path(const server::Request &request) { return request.path; }

    template <typename Line>
    static void lines(const server::Request &request, const char *name, Line &&line) {
        for (const auto &[other, value] : request.fields) {
            if (strcasecmp(other.c_str(), name) == 0) {
                line(value);
            }
        }
    }
};

template <>
struct onecors::ResponseTraits<server::Response> {
    template <typename Visit>
    static void fields(const server::Response &response, Visit &&field) {
        for (const auto &[name, value] : response.fields) {
            field(name, value);
        }
    }

    // As strict as a server can be about the name.
    static void erase(server::Response &response, const std::string &name) {
        auto &fields = response.fields;
        fields.erase(std::remove_if(fields.begin(), fields.end(),
                                    [&name](const auto &field) { return field.first == name; }),
                     fields.end());
    }

    static void add(server::Response &response, const std::string &name, const std::string &value) {
        response.fields.emplace_back(name, value);
    }

    static void end(server::Response &response, int status) { response.status = status; }
};

#endif
