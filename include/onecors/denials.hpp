/// @file
/// The log of denied requests.
#ifndef ONECORS_DENIALS_HPP
#define ONECORS_DENIALS_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "detail/denied.hpp"
#include "log.hpp"
#include "policy.hpp"
#include "request.hpp"
#include "verdict.hpp"

namespace onecors {

/// Logs each distinct denial of a policy once. Each Policy remembers its own denials, so that
/// several may share a log, and one that replaces another starts afresh. Any number of threads may
/// use it at once.
///
/// If a pattern covers or nearly covers the origin, the denial is logged once for each verdict,
/// pattern and difference: the document bounds their number, so that clients cannot exhaust them.
/// Any other origin is a stranger's: it is logged once for each verdict, and after 1,000 such lines
/// no more.
class DenialLog {
public:
    /// A log that writes through `logger`.
    explicit DenialLog(Logger logger) : logger_(std::move(logger)) {}

    /// Logs a verdict that denies, unless it was logged before. A request from a page of the
    /// server's own origin, which `host` names, is not a denial: the page needs no permission.
    void record(const Policy &policy, Verdict verdict, const Request &request,
                std::optional<std::string_view> host) noexcept {
        try {
            const std::string_view origin = origin_of(request);
            if (!policy.denied_) {
                return;  // It was moved from.
            }
            detail::Denied &denied = *policy.denied_;
            if (denied.knows(verdict.bits(), origin)) {
                return;
            }
            const std::uint64_t pattern = policy.nearest_pattern(request);
            if ((pattern == 0 && denied.is_full()) || is_own(policy, verdict, request, host)) {
                return;
            }
            const detail::Novelty novelty = denied.add(verdict.bits(), origin, pattern);
            if (novelty == detail::Novelty::known) {
                return;
            }
            const std::string explanation = policy.explain(request);
            const std::string text = "onecors: " + policy.summarize(request);
            detail::log(logger_, {Severity::warning, text, explanation});
            if (novelty == detail::Novelty::last_stranger) {
                detail::log(logger_, {Severity::warning, last_line, {}});
            }
        } catch (const std::exception &) {
            // Without memory the line is lost, not the response.
        }
    }

private:
    template <typename T>
    friend class detail::Decision;

    static constexpr std::size_t origin_bytes = 512;
    static constexpr std::string_view last_line =
        "onecors: 1000 denials of unknown origins were logged, and no more are until the policy is "
        "replaced; near misses are";

    /// Whether there is nothing to log. It is cheaper than the arguments of `record`.
    static bool is_known(const Policy &policy, Verdict verdict, const Request &request) {
        return policy.denied_ && policy.denied_->knows(verdict.bits(), origin_of(request));
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

}  // namespace onecors

#endif  // ONECORS_DENIALS_HPP
