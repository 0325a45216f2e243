// The strings of onecors.h, and its handles.
#ifndef ONECORS_DETAIL_STRINGS_HPP
#define ONECORS_DETAIL_STRINGS_HPP

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "../../onecors.h"

namespace onecors::detail {

struct Release {
    void operator()(onecors_policy *policy) const noexcept { onecors_policy_release(policy); }
    void operator()(onecors_error *error) const noexcept { onecors_error_free(error); }
    void operator()(onecors_string *string) const noexcept { onecors_string_free(string); }
};

template <typename T>
using Owned = std::unique_ptr<T, Release>;

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

}  // namespace onecors::detail

#endif  // ONECORS_DETAIL_STRINGS_HPP
