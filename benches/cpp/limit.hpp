// The least that the work can cost: the one policy of the benches, every text made when it is
// loaded, a hash set made for the purpose, nothing allocated but by the response. It knows exact
// origins only, and does for a response all that onecors does: fields that are the policy's are
// removed, Vary is merged, lines that came apart are joined.
#ifndef LIMIT_HPP
#define LIMIT_HPP

#include <httplib.h>
#include <strings.h>

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Texts one after the other, and a table of their places that is at most half full.
class TextSet {
public:
    explicit TextSet(const std::vector<std::string> &texts) {
        std::size_t size = 4;
        while (size < texts.size() * 2) {
            size *= 2;
        }
        places_.resize(size);
        for (const std::string &text : texts) {
            insert(text);
        }
    }

    bool contains(std::string_view text) const noexcept {
        const std::uint64_t hashed = hash(text);
        const std::size_t mask = places_.size() - 1;
        for (std::size_t i = hashed & mask; places_[i].length != 0; i = (i + 1) & mask) {
            const Place &place = places_[i];
            if (place.tag == static_cast<std::uint32_t>(hashed >> 32) &&
                place.length == text.size() &&
                std::memcmp(&texts_[place.start], text.data(), text.size()) == 0) {
                return true;
            }
        }
        return false;
    }

private:
    struct Place {
        std::uint32_t tag = 0;
        std::uint32_t length = 0;
        std::size_t start = 0;
    };

    void insert(const std::string &text) {
        const std::uint64_t hashed = hash(text);
        const std::size_t mask = places_.size() - 1;
        std::size_t i = hashed & mask;
        while (places_[i].length != 0) {
            i = (i + 1) & mask;
        }
        places_[i] = {static_cast<std::uint32_t>(hashed >> 32),
                      static_cast<std::uint32_t>(text.size()), texts_.size()};
        texts_ += text;
    }

    static std::uint64_t mix(std::uint64_t left, std::uint64_t right) noexcept {
        const auto product = static_cast<unsigned __int128>(left) * right;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }

    // In words of eight bytes, the last of which may overlap the one before.
    static std::uint64_t hash(std::string_view text) noexcept {
        const char *bytes = text.data();
        const std::size_t size = text.size();
        std::uint64_t state = 0x9e3779b97f4a7c15 ^ size;
        if (size < 8) {
            return mix(state ^ short_word(bytes, size), 0xe7037ed1a0b428db);
        }
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            state = mix(state ^ word<std::uint64_t>(bytes + i), 0xa0761d6478bd642f);
        }
        return mix(state ^ word<std::uint64_t>(bytes + size - 8), 0xe7037ed1a0b428db);
    }

    static std::uint64_t short_word(const char *bytes, std::size_t size) noexcept {
        if (size >= 4) {
            return std::uint64_t{word<std::uint32_t>(bytes)} << 32 |
                   word<std::uint32_t>(bytes + size - 4);
        }
        std::uint64_t letters = 0;
        for (std::size_t i = 0; i < size; ++i) {
            letters = letters << 8 | static_cast<unsigned char>(bytes[i]);
        }
        return letters;
    }

    template <typename Word>
    static Word word(const char *bytes) noexcept {
        Word word;
        std::memcpy(&word, bytes, sizeof word);
        return word;
    }

    std::vector<Place> places_;
    std::string texts_;
};

// What the policy allows, apart from any server.
class LimitPolicy {
public:
    explicit LimitPolicy(const nlohmann::json &policy)
        : origins_(policy["allow_origins"]),
          methods_(with_safelisted(policy["allow_methods"])),
          headers_(policy["allow_headers"]) {}

    bool allows_origin(std::string_view origin) const noexcept { return origins_.contains(origin); }

    bool allows_method(std::string_view method) const noexcept { return methods_.contains(method); }

    // Lower-case names, as browsers send them.
    bool allows_headers(std::string_view list) const noexcept {
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            std::string_view name = list.substr(0, comma);
            list.remove_prefix(std::min(comma + 1, list.size()));
            while (!name.empty() && name.front() == ' ') {
                name.remove_prefix(1);
            }
            while (!name.empty() && name.back() == ' ') {
                name.remove_suffix(1);
            }
            if (!headers_.contains(name)) {
                return false;
            }
        }
        return true;
    }

private:
    static std::vector<std::string> with_safelisted(std::vector<std::string> methods) {
        methods.insert(methods.end(), {"GET", "HEAD", "POST"});
        return methods;
    }

    TextSet origins_;
    TextSet methods_;
    TextSet headers_;
};

// The same in front of cpp-httplib.
class Limit {
public:
    explicit Limit(const nlohmann::json &policy)
        : policy_(policy),
          actual_({{"Access-Control-Expose-Headers", join(policy["expose_headers"])},
                   {"Access-Control-Allow-Origin", ""},
                   {"Access-Control-Allow-Credentials", "true"}}),
          preflight_({{"Access-Control-Max-Age", std::to_string(policy["max_age"].get<int>())},
                      {"Access-Control-Allow-Origin", ""},
                      {"Access-Control-Allow-Methods", join(policy["allow_methods"])},
                      {"Access-Control-Allow-Headers", join(policy["allow_headers"])},
                      {"Access-Control-Allow-Credentials", "true"}}) {}

    bool before(const httplib::Request &request, httplib::Response &response) const {
        if (request.method != "OPTIONS") {
            return is_handshake(request);
        }
        std::string joined[3];
        const auto origin = value(request, "Origin", joined[0]);
        const auto method = value(request, "Access-Control-Request-Method", joined[1]);
        if (!origin || !method) {
            return false;
        }
        const bool allowed =
            policy_.allows_origin(*origin) && policy_.allows_method(*method) &&
            policy_.allows_headers(
                value(request, "Access-Control-Request-Headers", joined[2]).value_or(""));
        response.status = allowed ? 204 : 403;
        write(response, allowed ? &preflight_ : nullptr, *origin, preflight_vary_);
        return true;
    }

    void after(const httplib::Request &request, httplib::Response &response) const {
        std::string joined;
        const auto origin = value(request, "Origin", joined);
        const bool allowed = origin && policy_.allows_origin(*origin);
        write(response, allowed ? &actual_ : nullptr, origin.value_or(""), actual_vary_);
    }

private:
    // In the reverse order of their names. Where a value is empty, it is the origin.
    using Fields = std::vector<std::pair<std::string, std::string>>;

    static std::string join(const std::vector<std::string> &names) {
        std::string joined;
        for (const std::string &name : names) {
            joined += (joined.empty() ? "" : ", ") + name;
        }
        return joined;
    }

    // No request of the benches is one.
    static bool is_handshake(const httplib::Request &request) {
        std::string joined;
        return request.method == "GET" && value(request, "Upgrade", joined) == "websocket";
    }

    static std::optional<std::string_view> value(const httplib::Request &request,
                                                 std::string_view name, std::string &joined) {
        const std::string *only = nullptr;
        for (const auto &[other, value] : request.headers) {
            if (other.size() != name.size() ||
                strncasecmp(other.data(), name.data(), name.size()) != 0) {
                continue;
            }
            if (only == nullptr) {
                only = &value;
            } else {
                joined += (joined.empty() ? *only : "") + ", " + value;
            }
        }
        if (only == nullptr) {
            return std::nullopt;
        }
        return joined.empty() ? *only : joined;
    }

    void write(httplib::Response &response, const Fields *fields, std::string_view origin,
               const std::string &vary) const {
        remove_owned(response.headers);
        if (fields != nullptr) {
            // They come before all others, the last of them first.
            for (const auto &[name, value] : *fields) {
                response.headers.emplace_hint(response.headers.begin(), name,
                                              value.empty() ? origin : value);
            }
        }
        merge_vary(response.headers, vary);
    }

    // The fields are in the order of their names.
    static void remove_owned(httplib::Headers &headers) {
        for (auto field = headers.begin(); field != headers.end();) {
            const std::string &name = field->first;
            if ((name[0] | 0x20) > 'a') {
                return;
            }
            const bool owned = strncasecmp(name.c_str(), "Access-Control-Allow-", 21) == 0 ||
                               strcasecmp(name.c_str(), "Access-Control-Expose-Headers") == 0 ||
                               strcasecmp(name.c_str(), "Access-Control-Max-Age") == 0;
            field = owned ? headers.erase(field) : std::next(field);
        }
    }

    void merge_vary(httplib::Headers &headers, const std::string &vary) const {
        if (headers.empty() || (headers.rbegin()->first[0] | 0x20) < 'v') {
            headers.emplace_hint(headers.end(), vary_name_, vary);
            return;
        }
        const auto [first, end] = headers.equal_range(vary_name_);
        std::string merged;
        for (auto line = first; line != end; ++line) {
            merged += line->second + ", ";
        }
        headers.erase(first, end);
        headers.emplace(vary_name_, merged + vary);
    }

    LimitPolicy policy_;
    Fields actual_;
    Fields preflight_;
    std::string vary_name_ = "Vary";
    std::string actual_vary_ = "Origin";
    std::string preflight_vary_ =
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
};

#endif
