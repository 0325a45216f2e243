// The denials of a policy that were logged.
#ifndef ONECORS_DETAIL_DENIED_HPP
#define ONECORS_DETAIL_DENIED_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace onecors::detail {

enum class Novelty : std::uint8_t { known, fresh, last_stranger };

/// The denials of a policy that were logged. Any number of threads may use it at once.
class Denied {
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

    /// Remembers a denial. `pattern` is the number of the nearest pattern, 0 if there is none.
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

}  // namespace onecors::detail

#endif  // ONECORS_DETAIL_DENIED_HPP
