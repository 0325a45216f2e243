// A server's request and the decision on it.
#ifndef ONECORS_DETAIL_DECISION_HPP
#define ONECORS_DETAIL_DECISION_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../onecors.h"
#include "../denials.hpp"
#include "../error.hpp"
#include "../plan.hpp"
#include "../policy.hpp"
#include "../request.hpp"
#include "../traits.hpp"
#include "../verdict.hpp"
#include "fields.hpp"

namespace onecors::detail {

/// A server's request and the decision of a policy on it.
template <typename T>
class Decision {
public:
    Decision(const Policy &policy, const T &request)
        : policy_(policy), request_(request), origin_(request, "Origin") {
        view_.method = RequestTraits<T>::method(request);
        view_.path = RequestTraits<T>::path(request);
        view_.origin = origin_.view();
        // The other fields matter in a preflight only.
        if (view_.origin && view_.method == "OPTIONS") {
            method_.read(request, "Access-Control-Request-Method");
            view_.access_control_request_method = method_.view();
            headers_.read(request, "Access-Control-Request-Headers");
            view_.access_control_request_headers = headers_.view();
        }
        verdict_ = decide(policy, view_);
    }

    /// The status of the answer if the request must not reach the application.
    std::optional<int> status() const {
        const std::size_t plan = verdict_.plan();
        if (plan < policy_.plans().size() && policy_.plans()[plan].status) {
            return policy_.plans()[plan].status;
        }
        // Whatever the verdict: the path may have another reading, whose rule denies it.
        const bool refused = view_.origin && is_handshake(request_) &&
                             !policy_.check_origin(view_, FieldValue(request_, "Host").view());
        return refused ? std::make_optional(403) : std::nullopt;
    }

    void record(DenialLog &denials) const {
        if (verdict_.reason() && !DenialLog::is_known(policy_, verdict_, view_)) {
            denials.record(policy_, verdict_, view_, FieldValue(request_, "Host").view());
        }
    }

    /// Applies the plan to a response.
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
    /// Denies after an internal error of the engine.
    static Verdict decide(const Policy &policy, const Request &view) {
        try {
            return policy.decide(view);
        } catch (const PolicyError &) {
            return Verdict(ONECORS_VERDICT_FAILED);
        }
    }

    /// The request field that a line echoes.
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

    /// Sets `merged` to the line that replaces Vary, if any. False after an internal error: then
    /// nothing is granted.
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

}  // namespace onecors::detail

#endif  // ONECORS_DETAIL_DECISION_HPP
