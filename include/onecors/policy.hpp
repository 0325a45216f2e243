/// @file
/// A compiled policy.
#ifndef ONECORS_POLICY_HPP
#define ONECORS_POLICY_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "../onecors.h"
#include "detail/denied.hpp"
#include "detail/file.hpp"
#include "detail/strings.hpp"
#include "error.hpp"
#include "plan.hpp"
#include "request.hpp"
#include "text.hpp"
#include "verdict.hpp"

namespace onecors {

class DenialLog;
class LivePolicy;

namespace detail {

template <typename T>
class Decision;

/// A plan as strings, for servers that take no views.
struct RenderedPlan {
    struct Line {
        std::string name;
        std::string text;
        std::optional<Slot> echo;
    };
    std::vector<Line> lines;
    // Without text if `Vary` is to be left alone.
    Line vary{"Vary", "", std::nullopt};
};

}  // namespace detail

/// A compiled policy document. It is immutable: any number of threads may use a `const Policy` at
/// once. It can be moved but not copied. A Policy that was moved from has no plans, and throws
/// PolicyError when it is used.
class Policy {
public:
    /// Compiles a policy document: JSON in UTF-8. Throws PolicyError with every
    /// problem of the document, and `std::runtime_error` if header and library do not match.
    static Policy from_json(std::string_view document) { return compile(document, ""); }

    /// Reads and compiles a policy document. Throws `std::system_error` if the file cannot be read,
    /// and otherwise what from_json throws, with the path in front of the text.
    static Policy from_file(const std::filesystem::path &path) {
        return compile(detail::read_document(path), detail::name_of(path) + ": ");
    }

    /// Decides on a request. Allocates nothing. A malformed request is denied with a reason; only
    /// an internal error of the engine throws PolicyError.
    Verdict decide(const Request &request) const {
        if (!request.origin && not_cors_ && policy_) {
            return *not_cors_;
        }
        const onecors_request view = detail::request(request);
        std::uint32_t bits = ONECORS_VERDICT_FAILED;
        detail::check(onecors_decide(policy_.get(), &view, &bits));
        return Verdict(bits);
    }

    /// Whether to accept a request that browsers do not check, above all a WebSocket handshake.
    /// Accepted are requests without Origin, on a path that no rule governs, from an allowed origin
    /// and from the server's own, which `host` names: the value of Host. Refuse others with 403.
    /// Allocates nothing.
    bool check_origin(const Request &request, std::optional<std::string_view> host) const noexcept {
        const onecors_request view = detail::request(request);
        return onecors_check_origin(policy_.get(), &view, detail::field(host)) == 1;
    }

    /// A number for the origin pattern that covers the origin or nearly does, and for what is
    /// different; 0 if no pattern is near. For logs of denials: the document bounds the number of
    /// values, whatever origins clients send.
    std::uint64_t nearest_pattern(const Request &request) const noexcept {
        const onecors_request view = detail::request(request);
        return onecors_nearest_pattern(policy_.get(), &view);
    }

    /// The header lines for a verdict that this policy returned for this request.
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

    /// Decides on a request and explains the decision, as one JSON object that is safe to log.
    std::string explain(const Request &request) const {
        const onecors_request view = detail::request(request);
        onecors_string *explanation = nullptr;
        detail::check(onecors_explain(policy_.get(), &view, &explanation));
        return detail::take(explanation);
    }

    /// The explanation as one line for a log, with the request's bytes escaped.
    std::string summarize(const Request &request) const {
        const onecors_request view = detail::request(request);
        onecors_string *summary = nullptr;
        detail::check(onecors_summarize(policy_.get(), &view, &summary));
        return detail::take(summary);
    }

    /// Every answer that this policy can give. Verdict::plan() is an index into it.
    const std::vector<Plan> &plans() const noexcept { return plans_; }

    /// The plan of a verdict that this policy returned. Throws `std::out_of_range` for a plan that
    /// it does not have.
    const Plan &plan(Verdict verdict) const { return plans_.at(verdict.plan()); }

    /// Merges the plan's tokens into the `Vary` of a response, whose lines are joined with ", "
    /// (RFC 9110, 5.3). Returns the value of the one line to set in their place, or `std::nullopt`
    /// if they stay as they are. Throws PolicyError after an internal error: then the response must
    /// not get the other lines of the plan.
    std::optional<std::string> merge_vary(Verdict verdict, std::string_view vary) const {
        const onecors_str line = detail::str(vary);
        onecors_string *merged = nullptr;
        detail::check(onecors_merge_vary(policy_.get(), verdict.plan(), &line, 1, &merged));
        return merged == nullptr ? std::nullopt : std::make_optional(detail::take(merged));
    }

    /// The plans as a JSON array.
    std::string plans_json() const { return detail::take(onecors_plans_json(policy_.get())); }

    /// The handle for the C functions, borrowed from this object.
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
        for (const std::string_view token : plan.vary) {
            rendered.vary.text.append(rendered.vary.text.empty() ? "" : ", ").append(token);
        }
        return rendered;
    }

    detail::Owned<onecors_policy> policy_;
    std::vector<Plan> plans_;
    // In the same order.
    std::vector<detail::RenderedPlan> rendered_;
    // The verdict on every request without Origin, if it is the same for all paths.
    std::optional<Verdict> not_cors_;
    std::unique_ptr<detail::Denied> denied_ = std::make_unique<detail::Denied>();
};

}  // namespace onecors

#endif  // ONECORS_POLICY_HPP
