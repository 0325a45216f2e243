/// onecors.hpp: one CORS policy, decided by one engine, in C++17.
///
///     const auto policy = onecors::Policy::from_file("/etc/shop/cors.json");
///
///     onecors::Request request;
///     request.method = "GET";
///     request.path = "/orders";
///     request.origin = origin;
///     const onecors::Verdict verdict = policy.decide(request);
///     for (const auto &[name, value] : policy.lines(verdict, request)) {
///         response.set(name, value);
///     }
///
/// A wrapper around onecors.h, with nothing of its own to link. A `const Policy` may be used by any
/// number of threads at once. To put a new document in force, make a new Policy and swap a
/// `std::shared_ptr<const Policy>`.
///
/// Every `std::string_view` that comes out is borrowed from the policy or from the request, as its
/// function says, and need not end in a NUL.
#ifndef ONECORS_HPP
#define ONECORS_HPP

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "onecors.h"

namespace onecors {

/// What kind of answer a request gets.
enum class Outcome : std::uint8_t {
    /// No rule governs the path: leave the response alone.
    ungoverned = ONECORS_OUTCOME_UNGOVERNED,
    /// The request has no Origin, so it is no CORS request.
    not_cors = ONECORS_OUTCOME_NOT_CORS,
    /// An actual request from an allowed origin.
    actual_allowed = ONECORS_OUTCOME_ACTUAL_ALLOWED,
    /// An actual request whose answer the page will not get to read.
    actual_denied = ONECORS_OUTCOME_ACTUAL_DENIED,
    /// A preflight to be answered with the plan's status.
    preflight_allowed = ONECORS_OUTCOME_PREFLIGHT_ALLOWED,
    /// A preflight to be refused with the plan's status.
    preflight_denied = ONECORS_OUTCOME_PREFLIGHT_DENIED,
};

/// Why a request was refused.
enum class Reason : std::uint8_t {
    /// Origin is not what the Fetch standard's "serialising a request origin" produces.
    malformed_origin = ONECORS_REASON_MALFORMED_ORIGIN,
    /// No origin pattern of the rule covers the origin.
    origin_not_allowed = ONECORS_REASON_ORIGIN_NOT_ALLOWED,
    /// Access-Control-Request-Method is not one token.
    malformed_request_method = ONECORS_REASON_MALFORMED_REQUEST_METHOD,
    /// The method is neither safelisted nor listed, or browsers forbid it.
    method_not_allowed = ONECORS_REASON_METHOD_NOT_ALLOWED,
    /// Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
    too_many_headers = ONECORS_REASON_TOO_MANY_HEADERS,
    /// Access-Control-Request-Headers is not a list of tokens.
    malformed_request_headers = ONECORS_REASON_MALFORMED_REQUEST_HEADERS,
    /// A requested header name is not listed.
    header_not_allowed = ONECORS_REASON_HEADER_NOT_ALLOWED,
};

/// A part of the request that a plan echoes, as it was received.
enum class Slot : std::uint8_t {
    origin = ONECORS_SLOT_ORIGIN,
    access_control_request_method = ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD,
    access_control_request_headers = ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS,
};

/// The parts of a request that a decision looks at. `std::nullopt` is absent, and an empty view is
/// present and empty: an empty Origin is malformed. Nothing is trimmed, and bytes need not be
/// UTF-8. Where a header came in several lines, join them with ", " first (RFC 9110, 5.3).
struct Request {
    /// The method as received, compared case-sensitively.
    std::optional<std::string_view> method;
    /// The path that the server routes on, without the query.
    std::optional<std::string_view> path;
    /// The value of Origin.
    std::optional<std::string_view> origin;
    /// The value of Access-Control-Request-Method.
    std::optional<std::string_view> access_control_request_method;
    /// The value of Access-Control-Request-Headers.
    std::optional<std::string_view> access_control_request_headers;
};

/// One header line.
struct Header {
    /// The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`.
    std::string_view name;
    /// The value.
    std::string_view value;
};

/// A decision. It means something only beside the policy that gave it.
class Verdict {
public:
    constexpr explicit Verdict(std::uint32_t bits) noexcept : bits_(bits) {}

    /// What kind of answer the request gets.
    Outcome outcome() const noexcept {
        return static_cast<Outcome>(onecors_verdict_outcome(bits_));
    }

    /// Why the request was refused; nothing for every other outcome.
    std::optional<Reason> reason() const noexcept {
        const auto reason = onecors_verdict_reason(bits_);
        if (reason == ONECORS_REASON_NONE) {
            return std::nullopt;
        }
        return static_cast<Reason>(reason);
    }

    /// The number of the plan: an index into Policy::plans().
    std::size_t plan() const noexcept { return onecors_verdict_plan(bits_); }

    /// The integer that the C functions know this verdict by.
    constexpr std::uint32_t bits() const noexcept { return bits_; }

    friend constexpr bool operator==(Verdict left, Verdict right) noexcept {
        return left.bits_ == right.bits_;
    }
    friend constexpr bool operator!=(Verdict left, Verdict right) noexcept {
        return !(left == right);
    }

private:
    std::uint32_t bits_;
};

/// One header line of a plan: its name, and its text or the part of the request that it echoes. The
/// views live as long as the policy.
struct PlanHeader {
    std::string_view name;
    std::variant<std::string_view, Slot> value;
};

/// One of the answers that a policy can give. The views live as long as the policy.
struct Plan {
    /// With a status, the answer ends here, without a body (preflights only).
    std::optional<int> status;
    /// The header lines to set, replacing any of the same name, in this order.
    std::vector<PlanHeader> headers;
    /// The tokens to merge into `Vary`; none when `Vary` is to be left alone.
    std::vector<std::string_view> vary;
};

/// The header lines that a response without header fields gets, in order, `Vary` last. It holds the
/// lines itself, without allocating; their names live as long as the policy, and their values as
/// long as the policy and what the request's views point at.
class Lines {
public:
    const Header *begin() const noexcept { return lines_.data(); }
    const Header *end() const noexcept { return lines_.data() + count_; }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    const Header &operator[](std::size_t index) const noexcept { return lines_[index]; }

private:
    friend class Policy;
    std::array<Header, ONECORS_MAX_HEADERS> lines_;
    std::size_t count_ = 0;
};

/// One thing that is wrong with a policy document.
struct Problem {
    /// The stable code, such as `trailing_slash`.
    std::string code;
    /// Where, as a JSON pointer (RFC 6901); empty for the whole document.
    std::string pointer;
    /// What is wrong, and what a browser would do.
    std::string message;
    /// What to write instead, where there is something.
    std::optional<std::string> help;
};

/// A policy document has problems: what() prints all of them, each with its place and help. Also
/// thrown, with no problems, when a call failed for another reason: a Policy that was moved from,
/// or an error inside the engine.
class PolicyError : public std::runtime_error {
public:
    explicit PolicyError(const std::string &what, std::vector<Problem> problems = {})
        : std::runtime_error(what),
          problems_(std::make_shared<const std::vector<Problem>>(std::move(problems))) {}

    /// Every problem of the document, in the document's order.
    const std::vector<Problem> &problems() const noexcept { return *problems_; }

private:
    // Shared, because copying an exception must not throw.
    std::shared_ptr<const std::vector<Problem>> problems_;
};

namespace detail {

struct Free {
    void operator()(onecors_policy *policy) const noexcept { onecors_policy_free(policy); }
    void operator()(onecors_error *error) const noexcept { onecors_error_free(error); }
    void operator()(onecors_string *string) const noexcept { onecors_string_free(string); }
    void operator()(std::FILE *file) const noexcept { std::fclose(file); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

inline std::string_view view(onecors_str str) noexcept {
    return {str.data, str.len};
}

inline std::string text(onecors_str str) {
    return std::string(view(str));
}

inline onecors_str field(const std::optional<std::string_view> &view) noexcept {
    onecors_str str = {nullptr, ONECORS_ABSENT};
    if (view) {
        str.data = view->data();
        str.len = view->size();
    }
    return str;
}

inline onecors_request request(const Request &from) noexcept {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = field(from.method);
    request.path = field(from.path);
    request.origin = field(from.origin);
    request.access_control_request_method = field(from.access_control_request_method);
    request.access_control_request_headers = field(from.access_control_request_headers);
    return request;
}

inline void check(onecors_result result) {
    if (result != ONECORS_OK) {
        throw PolicyError("onecors: " + text(onecors_result_text(result)));
    }
}

inline std::string take(onecors_string *string) {
    const Owned<onecors_string> owned(string);
    if (!owned) {
        check(ONECORS_PANIC);
    }
    return text(onecors_string_view(owned.get()));
}

inline void check_abi(std::uint32_t library_abi) {
    if (library_abi != ONECORS_ABI_VERSION) {
        throw std::runtime_error(
            "onecors: this program was compiled with onecors.h " ONECORS_VERSION
            " (binary interface " +
            std::to_string(ONECORS_ABI_VERSION) + ") and runs with libonecors " +
            onecors_version() + " (binary interface " + std::to_string(library_abi) +
            "): install a library of the header's version, or compile again");
    }
}

inline PolicyError policy_error(const onecors_error *error, const std::string &prefix) {
    std::vector<Problem> problems;
    const std::size_t count = onecors_problem_count(error);
    problems.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto help = text(onecors_problem_help(error, i));
        problems.push_back({text(onecors_problem_code(error, i)),
                            text(onecors_problem_pointer(error, i)),
                            text(onecors_problem_message(error, i)),
                            help.empty() ? std::nullopt : std::make_optional(std::move(help))});
    }
    return PolicyError(prefix + text(onecors_error_text(error)), std::move(problems));
}

/// At most one byte more than a document may have: enough for the engine to refuse it.
inline std::string read_document(const std::filesystem::path &path) {
    const auto fail = [&path]() -> std::system_error {
        return {errno, std::generic_category(), path.string()};
    };
    const Owned<std::FILE> file(std::fopen(path.string().c_str(), "rb"));
    if (!file) {
        throw fail();
    }
    constexpr std::size_t limit = std::size_t{ONECORS_MAX_DOCUMENT_BYTES} + 1;
    std::string document;
    std::array<char, 65536> chunk;
    while (document.size() < limit) {
        const std::size_t wanted = std::min(chunk.size(), limit - document.size());
        const std::size_t count = std::fread(chunk.data(), 1, wanted, file.get());
        if (std::ferror(file.get()) != 0) {
            throw fail();
        }
        document.append(chunk.data(), count);
        if (count < wanted) {
            break;
        }
    }
    return document;
}

}  // namespace detail

/// The stable code of an outcome, such as `actual_allowed`.
inline std::string_view to_string(Outcome outcome) noexcept {
    return detail::view(onecors_outcome_code(static_cast<std::uint32_t>(outcome)));
}

/// The stable code of a reason, such as `origin_not_allowed`.
inline std::string_view to_string(Reason reason) noexcept {
    return detail::view(onecors_reason_code(static_cast<std::uint32_t>(reason)));
}

/// The version of the library that is loaded; ONECORS_VERSION is that of the header.
inline std::string_view version() noexcept {
    return onecors_version();
}

/// A compiled policy document. It never changes: a `const Policy` may be used by any number of
/// threads at once. It can be moved, not copied; a Policy that was moved from throws PolicyError
/// when it is used, and has no plans.
class Policy {
public:
    /// Compiles a policy document: JSON, which should be UTF-8. Throws PolicyError with every
    /// problem of the document, and `std::runtime_error` when header and library do not fit.
    static Policy from_json(std::string_view document) { return compile(document, ""); }

    /// Reads and compiles a policy document. Throws `std::system_error` when the file cannot be
    /// read, and otherwise as from_json does, with the path in front of the text.
    static Policy from_file(const std::filesystem::path &path) {
        return compile(detail::read_document(path), path.string() + ": ");
    }

    /// Decides on a request. Allocates nothing. A bad request is denied with a reason, and never an
    /// exception; PolicyError comes only from a bug in the engine.
    Verdict decide(const Request &request) const {
        const onecors_request view = detail::request(request);
        std::uint32_t bits = ONECORS_VERDICT_FAILED;
        detail::check(onecors_decide(policy_.get(), &view, &bits));
        return Verdict(bits);
    }

    /// The header lines of a verdict that this policy gave for this request.
    Lines lines(Verdict verdict, const Request &request) const {
        const onecors_request view = detail::request(request);
        std::array<onecors_header, ONECORS_MAX_HEADERS> headers;
        Lines lines;
        detail::check(onecors_render(policy_.get(), verdict.bits(), &view, headers.data(),
                                     headers.size(), &lines.count_));
        for (std::size_t i = 0; i < lines.count_; ++i) {
            lines.lines_[i] = {detail::view(headers[i].name), detail::view(headers[i].value)};
        }
        return lines;
    }

    /// Decides on a request and tells the story, as one JSON object that is fit to be logged.
    std::string explain(const Request &request) const {
        const onecors_request view = detail::request(request);
        onecors_string *story = nullptr;
        detail::check(onecors_explain(policy_.get(), &view, &story));
        return detail::take(story);
    }

    /// Every answer that this policy can give; Verdict::plan() is an index into it.
    const std::vector<Plan> &plans() const noexcept { return plans_; }

    /// The plan of a verdict that this policy gave. Throws `std::out_of_range` for another's.
    const Plan &plan(Verdict verdict) const { return plans_.at(verdict.plan()); }

    /// The plans as a JSON array.
    std::string plans_json() const { return detail::take(onecors_plans_json(policy_.get())); }

    /// The policy as the C functions know it, borrowed.
    const onecors_policy *get() const noexcept { return policy_.get(); }

private:
    explicit Policy(detail::Owned<onecors_policy> policy) : policy_(std::move(policy)) {
        const std::size_t count = onecors_plan_count(policy_.get());
        plans_.reserve(count);
        for (std::size_t plan = 0; plan < count; ++plan) {
            plans_.push_back(read_plan(plan));
        }
    }

    static Policy compile(std::string_view document, const std::string &prefix) {
        detail::check_abi(onecors_abi_version());
        onecors_policy *policy = nullptr;
        onecors_error *error = nullptr;
        const onecors_result result =
            onecors_policy_new(document.data(), document.size(), &policy, &error);
        const detail::Owned<onecors_error> owned_error(error);
        if (result != ONECORS_OK) {
            throw detail::policy_error(error, prefix);
        }
        return Policy(detail::Owned<onecors_policy>(policy));
    }

    Plan read_plan(std::size_t number) const {
        Plan plan;
        if (const auto status = onecors_plan_status(policy_.get(), number); status != 0) {
            plan.status = static_cast<int>(status);
        }
        const std::size_t header_count = onecors_plan_header_count(policy_.get(), number);
        for (std::size_t i = 0; i < header_count; ++i) {
            onecors_header line;
            std::uint32_t slot = ONECORS_SLOT_NONE;
            detail::check(onecors_plan_header(policy_.get(), number, i, &line, &slot));
            PlanHeader header{detail::view(line.name), detail::view(line.value)};
            if (slot != ONECORS_SLOT_NONE) {
                header.value = static_cast<Slot>(slot);
            }
            plan.headers.push_back(header);
        }
        const std::size_t vary_count = onecors_plan_vary_count(policy_.get(), number);
        for (std::size_t i = 0; i < vary_count; ++i) {
            plan.vary.push_back(detail::view(onecors_plan_vary(policy_.get(), number, i)));
        }
        return plan;
    }

    detail::Owned<onecors_policy> policy_;
    std::vector<Plan> plans_;
};

}  // namespace onecors

#endif  // ONECORS_HPP
