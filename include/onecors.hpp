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
/// In front of a server it is two calls, once the server's types are described by RequestTraits and
/// ResponseTraits: `answer` before routing, and `apply` when the response is about to start.
///
///     if (onecors::answer(policy, request, response)) return;  // a preflight
///     ...
///     onecors::apply(policy, request, response);
///
/// A wrapper around onecors.h, with nothing of its own to link but the system's threads. A `const
/// Policy` may be used by any number of threads at once. A LivePolicy is one that can be replaced
/// while it is in use, and that watches a file.
///
/// Every `std::string_view` that comes out is borrowed from the policy or from the request, as its
/// function says, and need not end in a NUL.
#ifndef ONECORS_HPP
#define ONECORS_HPP

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
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
    /// Where, as a JSON pointer (RFC 6901); empty for the whole document. The keys in it are as
    /// they are in the document: printable() makes it fit for a text.
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

    /// The problems of the document, in the document's order, at most 1,000: what() counts the
    /// others.
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

template <typename T>
class Decision;

/// One of the answers of a policy as strings, for servers that take no views.
struct RenderedPlan {
    struct Line {
        std::string name;
        std::string text;
        std::optional<Slot> echo;
    };
    std::vector<Line> lines;
    // Without a text where `Vary` is to be left alone.
    Line vary{"Vary", "", std::nullopt};
};

inline std::string_view view(onecors_str str) noexcept {
    return {str.data, str.len};
}

inline std::string text(onecors_str str) {
    return std::string(view(str));
}

inline onecors_str str(std::string_view view) noexcept {
    return {view.data(), view.size()};
}

inline onecors_str field(const std::optional<std::string_view> &view) noexcept {
    return view ? str(*view) : onecors_str{nullptr, ONECORS_ABSENT};
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

/// The name of a file, fit for a text.
inline std::string name_of(const std::filesystem::path &path) {
    return take(onecors_printable(str(path.string())));
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
        const int number = errno;  // Before anything else is called.
        return {number, std::generic_category(), name_of(path)};
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

/// A text that somebody else chose, such as a file's name or the pointer of a Problem, made fit for
/// a message or a log, as onecors_printable does it: an ordinary text is unchanged, and one with
/// characters that are not seen is put in quotes and escaped.
inline std::string printable(std::string_view text) {
    return detail::take(onecors_printable(detail::str(text)));
}

/// Whether a response field of this name is the policy's alone where a rule governs the path, as
/// onecors_is_owned has it. An adapter removes such fields before it adds the lines of a plan.
inline bool is_owned(std::string_view name) noexcept {
    return onecors_is_owned(detail::str(name)) != 0;
}

namespace detail {

enum class Novelty : std::uint8_t { known, fresh, last_stranger };

/// What was logged of a policy's denials. Any number of threads may use it at once.
class Denials {
public:
    /// Whether a denial needs no second look.
    bool knows(std::uint32_t verdict, std::string_view origin) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return contains(verdict, origin);
    }

    /// Whether no more strangers are logged.
    bool is_full() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return strangers_ == most;
    }

    /// Remembers a denial, to whose origin the pattern of this number comes near; 0 is none.
    Novelty add(std::uint32_t verdict, std::string_view origin, std::uint64_t pattern) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (contains(verdict, origin)) {
            return Novelty::known;
        }
        if (pattern != 0) {
            if (known_ < 2 * most) {
                remember(verdict, origin);
            }
            const bool is_new = near_.emplace(verdict, pattern).second;
            return is_new ? Novelty::fresh : Novelty::known;
        }
        if (strangers_ == most) {
            return Novelty::known;
        }
        remember(verdict, origin);
        return ++strangers_ == most ? Novelty::last_stranger : Novelty::fresh;
    }

private:
    /// How many strangers are logged, and how many other origins are remembered.
    static constexpr std::size_t most = 1000;

    bool contains(std::uint32_t verdict, std::string_view origin) const {
        const auto origins = origins_.find(verdict);
        return origins != origins_.end() && origins->second.find(origin) != origins->second.end();
    }

    void remember(std::uint32_t verdict, std::string_view origin) {
        origins_[verdict].emplace(origin);
        ++known_;
    }

    mutable std::mutex mutex_;
    std::map<std::uint32_t, std::set<std::string, std::less<>>> origins_;
    std::set<std::pair<std::uint32_t, std::uint64_t>> near_;
    std::size_t known_ = 0;
    std::size_t strangers_ = 0;
};

}  // namespace detail

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
        return compile(detail::read_document(path), detail::name_of(path) + ": ");
    }

    /// Decides on a request. Allocates nothing. A bad request is denied with a reason, and never an
    /// exception; PolicyError comes only from a bug in the engine.
    Verdict decide(const Request &request) const {
        if (!request.origin && not_cors_ && policy_) {
            return *not_cors_;
        }
        const onecors_request view = detail::request(request);
        std::uint32_t bits = ONECORS_VERDICT_FAILED;
        detail::check(onecors_decide(policy_.get(), &view, &bits));
        return Verdict(bits);
    }

    /// Whether a request that no browser checks may go on: a WebSocket handshake above all. It may
    /// without Origin, on a path that no rule governs, from an origin that is allowed, and from the
    /// server's own: that of `host`, the value of Host. Refuse others with 403. Allocates nothing.
    bool check_origin(const Request &request, std::optional<std::string_view> host) const noexcept {
        const onecors_request view = detail::request(request);
        return onecors_check_origin(policy_.get(), &view, detail::field(host)) == 1;
    }

    /// A number for the origin pattern that covers the origin, or nearly covers it, together with
    /// what keeps it from doing so; 0 where no pattern comes near. It is for logs of denials: the
    /// numbers are as many as the document has patterns, a few for each, whoever sends the origins.
    std::uint64_t nearest_pattern(const Request &request) const noexcept {
        const onecors_request view = detail::request(request);
        return onecors_nearest_pattern(policy_.get(), &view);
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

    /// The same story in one line for a log, with what came in the request escaped.
    std::string summarize(const Request &request) const {
        const onecors_request view = detail::request(request);
        onecors_string *summary = nullptr;
        detail::check(onecors_summarize(policy_.get(), &view, &summary));
        return detail::take(summary);
    }

    /// Every answer that this policy can give; Verdict::plan() is an index into it.
    const std::vector<Plan> &plans() const noexcept { return plans_; }

    /// The plan of a verdict that this policy gave. Throws `std::out_of_range` for another's.
    const Plan &plan(Verdict verdict) const { return plans_.at(verdict.plan()); }

    /// Merges the plan's tokens into the `Vary` of a response, whose lines come joined with ", "
    /// (RFC 9110, 5.3). The value of the one line to set in their place, or nothing where they stay
    /// as they are. Throws PolicyError after an error inside the engine: then the response must not
    /// get the other lines of the plan.
    std::optional<std::string> merge_vary(Verdict verdict, std::string_view vary) const {
        const onecors_str line = detail::str(vary);
        onecors_string *merged = nullptr;
        detail::check(onecors_merge_vary(policy_.get(), verdict.plan(), &line, 1, &merged));
        return merged == nullptr ? std::nullopt : std::make_optional(detail::take(merged));
    }

    /// The plans as a JSON array.
    std::string plans_json() const { return detail::take(onecors_plans_json(policy_.get())); }

    /// The policy as the C functions know it, borrowed.
    const onecors_policy *get() const noexcept { return policy_.get(); }

private:
    friend class LivePolicy;
    friend class DenialLog;
    template <typename T>
    friend class detail::Decision;

    explicit Policy(detail::Owned<onecors_policy> policy) : policy_(std::move(policy)) {
        const std::size_t count = onecors_plan_count(policy_.get());
        plans_.reserve(count);
        rendered_.reserve(count);
        for (std::size_t plan = 0; plan < count; ++plan) {
            plans_.push_back(read_plan(plan));
            rendered_.push_back(render(plans_.back()));
        }
        onecors_uniform uniform;
        if (onecors_policy_uniform(policy_.get(), &uniform) == 1) {
            not_cors_ = Verdict(uniform.not_cors);
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

    static detail::RenderedPlan render(const Plan &plan) {
        detail::RenderedPlan rendered;
        for (const auto &[name, value] : plan.headers) {
            detail::RenderedPlan::Line line{std::string(name), "", std::nullopt};
            if (const auto *text = std::get_if<std::string_view>(&value)) {
                line.text = *text;
            } else {
                line.echo = std::get<Slot>(value);
            }
            rendered.lines.push_back(std::move(line));
        }
        // In a server that keeps its fields sorted, each of them goes to the front.
        std::sort(rendered.lines.begin(), rendered.lines.end(),
                  [](const auto &left, const auto &right) { return left.name > right.name; });
        for (const std::string_view token : plan.vary) {
            rendered.vary.text.append(rendered.vary.text.empty() ? "" : ", ").append(token);
        }
        return rendered;
    }

    detail::Owned<onecors_policy> policy_;
    std::vector<Plan> plans_;
    // In the same order.
    std::vector<detail::RenderedPlan> rendered_;
    // The verdict on every request without Origin, where that is one for all paths.
    std::optional<Verdict> not_cors_;
    std::unique_ptr<detail::Denials> denials_ = std::make_unique<detail::Denials>();
};

/// How much a line of the log matters.
enum class Severity : std::uint8_t { info, warning, error };

/// A line for the program's log. The views live as long as the call.
struct LogLine {
    Severity severity;
    /// The line, without control characters but for the line breaks between the problems of a file.
    std::string_view text;
    /// Of a denial the whole story, as Policy::explain tells it, for logs with fields; else empty.
    std::string_view explanation;
};

/// What writes to the program's log. It is called from any thread, several at once among them. What
/// it throws is dropped.
using Logger = std::function<void(const LogLine &)>;

namespace detail {

inline void log(const Logger &logger, const LogLine &line) noexcept {
    try {
        if (logger) {
            logger(line);
        }
    } catch (...) {
        // A log that fails must not fail a request.
    }
}

}  // namespace detail

/// Logs the denials of policies, each once. What was logged of a policy goes with that policy,
/// whichever log it was. Any number of threads may use it at once.
///
/// A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict,
/// pattern and difference: the document bounds their number, so that nobody can use them up. Any
/// other is a stranger's. It is logged once for each verdict and origin, up to 1,000 of them.
class DenialLog {
public:
    explicit DenialLog(Logger logger) : logger_(std::move(logger)) {}

    /// Logs a verdict that denies, unless it has been logged. A page of the server's own origin,
    /// that of `host`, is not denied anything: it looks for no permission in the answer.
    void record(const Policy &policy, Verdict verdict, const Request &request,
                std::optional<std::string_view> host) noexcept {
        try {
            const std::string_view origin = origin_of(request);
            if (!policy.denials_) {
                return;  // It was moved from.
            }
            detail::Denials &denials = *policy.denials_;
            if (denials.knows(verdict.bits(), origin)) {
                return;
            }
            const std::uint64_t pattern = policy.nearest_pattern(request);
            if ((pattern == 0 && denials.is_full()) || is_own(policy, verdict, request, host)) {
                return;
            }
            const detail::Novelty novelty = denials.add(verdict.bits(), origin, pattern);
            if (novelty == detail::Novelty::known) {
                return;
            }
            const std::string story = policy.explain(request);
            const std::string text = "onecors: " + policy.summarize(request);
            detail::log(logger_, {Severity::warning, text, story});
            if (novelty == detail::Novelty::last_stranger) {
                detail::log(logger_, {Severity::warning, last_line, {}});
            }
        } catch (const std::exception &) {
            // Without memory there is no line, but an answer.
        }
    }

private:
    template <typename T>
    friend class detail::Decision;

    static constexpr std::size_t origin_bytes = 512;
    static constexpr std::string_view last_line =
        "onecors: 1000 denials of unknown origins were logged, and no more are until the policy is "
        "replaced; near misses are";

    /// Whether there is nothing to log. It costs less than what `record` has to be given.
    static bool is_known(const Policy &policy, Verdict verdict, const Request &request) {
        return policy.denials_ && policy.denials_->knows(verdict.bits(), origin_of(request));
    }

    static std::string_view origin_of(const Request &request) noexcept {
        return request.origin.value_or("").substr(0, origin_bytes);
    }

    static bool is_own(const Policy &policy, Verdict verdict, const Request &request,
                       std::optional<std::string_view> host) noexcept {
        return verdict.reason() == Reason::origin_not_allowed && policy.check_origin(request, host);
    }

    Logger logger_;
};

namespace detail {

/// What changes when a file does: its place, its size and its times.
using Stamp = std::array<std::int64_t, 7>;

/// Of the file at the end of all links; nothing when there is none.
inline std::optional<Stamp> stamp_of(const std::filesystem::path &path) noexcept {
    struct stat data;
    if (::stat(path.c_str(), &data) != 0) {
        return std::nullopt;
    }
    const auto device = static_cast<std::int64_t>(data.st_dev);
    const auto inode = static_cast<std::int64_t>(data.st_ino);
    return Stamp{device,
                 inode,
                 data.st_size,
                 data.st_mtim.tv_sec,
                 data.st_mtim.tv_nsec,
                 data.st_ctim.tv_sec,
                 data.st_ctim.tv_nsec};
}

}  // namespace detail

/// The policy in force: a Policy that can be replaced while it is in use, by any thread at any
/// time. Who takes `current()` once for a request decides the whole request by that policy.
class LivePolicy {
public:
    /// Puts a policy in force.
    explicit LivePolicy(Policy policy)
        : LivePolicy(std::make_shared<const Policy>(std::move(policy))) {}

    /// Puts a policy in force.
    explicit LivePolicy(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

    /// Loads a file, throwing as Policy::from_file does, and keeps the policy the same as the file
    /// until `close()` or the end of its life.
    ///
    /// A thread looks at the file every quarter of a second, and through symbolic links, so that a
    /// change is in force within a second, whether the file is written, replaced by a rename, or
    /// reached through another link, as in a ConfigMap of Kubernetes. A file that is gone or has
    /// problems is logged once, as an error with every problem, and the policy in force stays; a
    /// file that is loaded is logged as information. What is there for a moment only, as a file
    /// that is being written, is not logged. The logger must not destroy this object.
    ///
    /// Call it after a fork, not before: threads do not survive one.
    static LivePolicy watch(std::filesystem::path path, Logger logger) {
        return LivePolicy(std::move(path), std::move(logger));
    }

    LivePolicy(const LivePolicy &) = delete;
    LivePolicy &operator=(const LivePolicy &) = delete;
    ~LivePolicy() { close(); }

    /// The policy in force.
    std::shared_ptr<const Policy> current() const {
        // std::atomic<std::shared_ptr> is of C++20, and takes a lock of its own.
        const std::lock_guard<std::mutex> lock(mutex_);
        return policy_;
    }

    /// Compiles a document and puts it in force. Throws PolicyError with every problem of the
    /// document; the policy in force then stays.
    void replace(std::string_view document) {
        put_in_force(std::make_shared<const Policy>(Policy::from_json(document)),
                     std::string(document));
    }

    /// Puts a policy in force.
    void replace(Policy policy) { replace(std::make_shared<const Policy>(std::move(policy))); }

    /// Puts a policy in force.
    void replace(std::shared_ptr<const Policy> policy) {
        put_in_force(std::move(policy), std::nullopt);
    }

    /// Stops watching the file, and waits for the thread to end, unless it is the one that asks.
    /// The policy in force stays. Does nothing when no file is watched.
    void close() noexcept {
        std::thread ending;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            stop_ = true;
            if (thread_.get_id() != std::this_thread::get_id()) {
                ending.swap(thread_);
            }
        }
        stopped_.notify_all();
        if (ending.joinable()) {
            ending.join();
        }
    }

private:
    LivePolicy(std::filesystem::path path, Logger logger)
        : path_(std::move(path)),
          logger_(std::move(logger)),
          // Before reading, so that what changes meanwhile is seen to have changed.
          seen_(detail::stamp_of(path_)),
          read_(detail::read_document(path_)),
          document_(read_),
          policy_(compile(*document_)),
          thread_([this] { run(); }) {}

    std::shared_ptr<const Policy> compile(const std::string &document) const {
        return std::make_shared<const Policy>(
            Policy::compile(document, detail::name_of(path_) + ": "));
    }

    void put_in_force(std::shared_ptr<const Policy> policy, std::optional<std::string> document) {
        // What was in force goes after the lock.
        const std::lock_guard<std::mutex> lock(mutex_);
        policy_.swap(policy);
        document_.swap(document);
    }

    bool is_in_force(const std::string &document) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return document_ == document;
    }

    void run() {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!stopped_.wait_for(lock, std::chrono::milliseconds(250), [this] { return stop_; })) {
            lock.unlock();
            look();
            lock.lock();
        }
    }

    /// What is seen to have changed is read at the next look. By then a program that writes the
    /// file in several steps has finished, as a rule; and a second change within the clock's
    /// resolution, which leaves the same stamp, is read with the first.
    void look() noexcept {
        const auto stamp = detail::stamp_of(path_);
        const bool changed = stamp != seen_;
        seen_ = stamp;
        if (due_) {
            reload(changed);
        }
        // What could not be read may be readable without any change of the file.
        due_ = changed || !read_;
    }

    void reload(bool changed) noexcept {
        std::optional<std::string> found;
        try {
            found = detail::read_document(path_);
            if (found == read_) {
                return;  // As it was: what has been put in force by other means since then stays.
            }
            take(*found);
            read_.swap(found);
            complaint_.clear();
        } catch (const std::exception &error) {
            // It may be half written, or about to be put in its place; either way it will be seen
            // to have changed, and is read again.
            if (changed || detail::stamp_of(path_) != seen_) {
                return;
            }
            read_.swap(found);
            complain(error.what());
        }
    }

    void take(const std::string &document) {
        if (is_in_force(document)) {
            return;
        }
        put_in_force(compile(document), document);
        const std::string text =
            "onecors: " + detail::name_of(path_) + " was loaded and is in force";
        detail::log(logger_, {Severity::info, text, {}});
    }

    void complain(const char *what) noexcept {
        try {
            if (complaint_ != what) {
                const std::string text =
                    std::string("onecors: the policy in force stays, for its file is not right: ") +
                    what;
                detail::log(logger_, {Severity::error, text, {}});
                complaint_ = what;
            }
        } catch (const std::exception &) {
            // Without memory there is no line, and the next look may have some.
        }
    }

    // The thread's own.
    std::filesystem::path path_;
    Logger logger_;
    std::optional<detail::Stamp> seen_;  // What the file was like at the last look.
    bool due_ = true;                    // Whether the next look reads the file.
    // What was last put in force, or complained of; nothing when the file could not be read.
    std::optional<std::string> read_;
    std::string complaint_;

    // Guards what follows.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::optional<std::string> document_;  // What policy_ was compiled from, where that is known.
    std::shared_ptr<const Policy> policy_;

    // Last, for the thread uses the others as soon as it is there.
    std::thread thread_;
};

/// How a request of some server is read. Specialise it for the server's type, with three static
/// functions; the views must live as long as the request:
///
///     template <>
///     struct onecors::RequestTraits<my::Request> {
///         // The method as received.
///         static std::string_view method(const my::Request &request);
///         // The path that the server routes on, without the query.
///         static std::string_view path(const my::Request &request);
///         // Calls line(value) for each line of a field, whatever the case of its name.
///         template <typename Line>
///         static void lines(const my::Request &request, const char *name, Line &&line);
///     };
template <typename T>
struct RequestTraits;

/// How a response of some server is read and changed. Specialise it for the server's type, with
/// four static functions:
///
///     template <>
///     struct onecors::ResponseTraits<my::Response> {
///         // Calls field(name, value) for every line of every field.
///         template <typename Field>
///         static void fields(const my::Response &response, Field &&field);
///         // Removes all lines of a field. The name is as `fields` spelled it.
///         static void erase(my::Response &response, const std::string &name);
///         // Adds a line. One that takes `std::string &&`, too, saves copying what is echoed.
///         static void add(my::Response &response, const std::string &name,
///                         const std::string &value);
///         // Answers with a status and without a body.
///         static void end(my::Response &response, int status);
///     };
template <typename T>
struct ResponseTraits;

namespace detail {

/// The value of a field, its lines joined with ", " (RFC 9110, 5.3). One line, as browsers send it,
/// is not copied.
class FieldValue {
public:
    FieldValue() = default;
    template <typename T>
    FieldValue(const T &request, const char *name) {
        read(request, name);
    }
    FieldValue(const FieldValue &) = delete;
    FieldValue &operator=(const FieldValue &) = delete;

    template <typename T>
    void read(const T &request, const char *name) {
        RequestTraits<T>::lines(request, name, [this](std::string_view line) { add(line); });
    }

    std::optional<std::string_view> view() const noexcept {
        return joined_.empty() ? only_ : std::make_optional<std::string_view>(joined_);
    }

private:
    void add(std::string_view line) {
        if (!only_) {
            only_ = line;
            return;
        }
        if (joined_.empty()) {
            joined_ = *only_;
        }
        joined_.append(", ").append(line);
    }

    std::optional<std::string_view> only_;
    std::string joined_;
};

inline char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(),
                      [](char one, char other) { return lower(one) == lower(other); });
}

/// Whether one of the members of a comma-separated list is this token.
inline bool has_token(std::string_view list, std::string_view token) noexcept {
    constexpr std::string_view space = " \t";
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view member = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        member.remove_prefix(std::min(member.find_first_not_of(space), member.size()));
        member = member.substr(0, member.find_last_not_of(space) + 1);
        if (equal_ignoring_case(member, token)) {
            return true;
        }
    }
    return false;
}

/// Whether a request asks for a WebSocket, which no browser asks a server's permission for.
template <typename T>
bool is_handshake(const T &request) {
    return RequestTraits<T>::method(request) == "GET" &&
           has_token(FieldValue(request, "Upgrade").view().value_or(""), "websocket");
}

/// A request of some server, and what a policy has decided on it.
template <typename T>
class Decision {
public:
    Decision(const Policy &policy, const T &request)
        : policy_(policy), request_(request), origin_(request, "Origin") {
        view_.method = RequestTraits<T>::method(request);
        view_.path = RequestTraits<T>::path(request);
        view_.origin = origin_.view();
        // The others mean something in a preflight alone.
        if (view_.origin && view_.method == "OPTIONS") {
            method_.read(request, "Access-Control-Request-Method");
            view_.access_control_request_method = method_.view();
            headers_.read(request, "Access-Control-Request-Headers");
            view_.access_control_request_headers = headers_.view();
        }
        verdict_ = decide(policy, view_);
    }

    /// The status of the answer when the request must not get to the application.
    std::optional<int> status() const {
        const std::size_t plan = verdict_.plan();
        if (plan < policy_.plans().size() && policy_.plans()[plan].status) {
            return policy_.plans()[plan].status;
        }
        // Whatever the verdict: the path may have another reading, whose rule does not allow it.
        const bool refused = view_.origin && is_handshake(request_) &&
                             !policy_.check_origin(view_, FieldValue(request_, "Host").view());
        return refused ? std::make_optional(403) : std::nullopt;
    }

    void record(DenialLog &denials) const {
        if (verdict_.reason() && !DenialLog::is_known(policy_, verdict_, view_)) {
            denials.record(policy_, verdict_, view_, FieldValue(request_, "Host").view());
        }
    }

    /// Applies the plan to the fields of a response.
    template <typename Response>
    void apply(Response &response) const {
        using Traits = ResponseTraits<Response>;
        if (verdict_.outcome() == Outcome::ungoverned) {
            return;
        }
        std::vector<std::string> owned;
        std::vector<std::string> vary_names;
        std::string vary;
        Traits::fields(response, [&](std::string_view name, std::string_view value) {
            if (is_owned(name)) {
                owned.emplace_back(name);
            } else if (equal_ignoring_case(name, "Vary")) {
                vary_names.emplace_back(name);
                vary.append(vary.empty() || value.empty() ? "" : ", ").append(value);
            }
        });
        for (const std::string &name : owned) {
            Traits::erase(response, name);
        }
        std::optional<std::string> merged;
        if (verdict_.plan() >= policy_.rendered_.size() ||
            !(vary_names.empty() || merge(vary, merged))) {
            return;
        }
        const RenderedPlan &plan = policy_.rendered_[verdict_.plan()];
        for (const auto &[name, text, echo] : plan.lines) {
            if (echo) {
                Traits::add(response, name, std::string(received(*echo)));
            } else {
                Traits::add(response, name, text);
            }
        }
        if (merged) {
            for (const std::string &name : vary_names) {
                Traits::erase(response, name);
            }
            Traits::add(response, plan.vary.name, std::move(*merged));
        } else if (vary_names.empty() && !plan.vary.text.empty()) {
            Traits::add(response, plan.vary.name, plan.vary.text);
        }
    }

private:
    /// A request that an error inside the engine kept from being decided is denied.
    static Verdict decide(const Policy &policy, const Request &view) {
        try {
            return policy.decide(view);
        } catch (const PolicyError &) {
            return Verdict(ONECORS_VERDICT_FAILED);
        }
    }

    /// The part of the request that a line echoes.
    std::string_view received(Slot slot) const noexcept {
        switch (slot) {
            case Slot::origin:
                return view_.origin.value_or("");
            case Slot::access_control_request_method:
                return view_.access_control_request_method.value_or("");
            case Slot::access_control_request_headers:
                return view_.access_control_request_headers.value_or("");
        }
        return {};
    }

    /// What to set in place of this Vary, if anything. False after an error inside the engine, so
    /// that nothing is granted.
    bool merge(std::string_view vary, std::optional<std::string> &merged) const {
        try {
            merged = policy_.merge_vary(verdict_, vary);
            return true;
        } catch (const PolicyError &) {
            return false;
        }
    }

    const Policy &policy_;
    const T &request_;
    FieldValue origin_;
    FieldValue method_;
    FieldValue headers_;
    Request view_;
    Verdict verdict_{ONECORS_VERDICT_FAILED};
};

}  // namespace detail

/// Answers a request that must not get to the application, and says whether it did: a preflight,
/// and a WebSocket handshake from an origin that the policy does not allow, with 403. Call it
/// before authentication and routing, with a response that is still empty.
///
/// Where the server has a place for `apply`, that one is for these answers, too. Throws only what
/// the traits throw, and `std::bad_alloc`.
template <typename RequestType, typename ResponseType>
bool answer(const Policy &policy, const RequestType &request, ResponseType &response,
            DenialLog *denials = nullptr) {
    if (RequestTraits<RequestType>::method(request) != "OPTIONS" &&
        !detail::is_handshake(request)) {
        return false;
    }
    const detail::Decision<RequestType> decision(policy, request);
    const std::optional<int> status = decision.status();
    if (status) {
        if (denials != nullptr) {
            decision.record(*denials);
        }
        ResponseTraits<ResponseType>::end(response, *status);
        decision.apply(response);
    }
    return status.has_value();
}

/// Gives a response the header fields that the policy has for it. Call it when the response is
/// about to start, for error pages, redirects and streams, too, whoever made them. It may be called
/// again with the same response.
///
/// On the paths that the policy governs the fields `Access-Control-Allow-*`, -Expose-Headers and
/// -Max-Age are the policy's alone, whatever the application has set there; `Vary` is merged.
/// Throws only what the traits throw, and `std::bad_alloc`.
template <typename RequestType, typename ResponseType>
void apply(const Policy &policy, const RequestType &request, ResponseType &response,
           DenialLog *denials = nullptr) {
    const detail::Decision<RequestType> decision(policy, request);
    if (denials != nullptr) {
        decision.record(*denials);
    }
    decision.apply(response);
}

}  // namespace onecors

#endif  // ONECORS_HPP
