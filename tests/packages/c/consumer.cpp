// Uses the installed C++ header and library as a service would.
#include <dlfcn.h>

#include <cstdlib>
#include <iostream>
#include <onecors.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view app = "https://app.lantern.example";
constexpr std::string_view shop = "https://northwind.shops.lantern.example";

const std::vector<onecors::Request> requests = {
    {"GET", "/orders/7", app, {}, {}},
    {"OPTIONS", "/orders/7", shop, "PUT", "content-type"},
    {"OPTIONS", "/orders/7", shop, "PUT", "x-debug"},
    {"GET", "/orders/7", "https://app.lantern.example.reader.example", {}, {}},
    {"GET", "/catalogue/9780140328721", {}, {}, {}},
    {"GET", "/healthz", app, {}, {}},
};

void decide(const onecors::Policy &policy, const onecors::Request &request) {
    const onecors::Verdict verdict = policy.decide(request);
    const auto reason = verdict.reason();
    const auto status = policy.plan(verdict).status;
    std::cout << *request.method << ' ' << *request.path << ": " << to_string(verdict.outcome())
              << ' ' << (reason ? to_string(*reason) : "-") << ' '
              << (status ? std::to_string(*status) : "-") << '\n';
    for (const auto &[name, value] : policy.lines(verdict, request)) {
        std::cout << "  " << name << ": " << value << '\n';
    }
}

// Whether the library, or the program that holds it, is from the clean place.
bool from_the_clean_place() {
    Dl_info info;
    const char *clean = std::getenv("CLEAN");
    return clean != nullptr && dladdr(reinterpret_cast<void *>(&onecors_version), &info) != 0 &&
           std::string_view(info.dli_fname).rfind(clean, 0) == 0;
}

}  // namespace

int main() {
    const auto policy = onecors::Policy::from_file("policy.json");
    for (const onecors::Request &request : requests) {
        decide(policy, request);
    }
    try {
        onecors::Policy::from_file("bad.json");
    } catch (const onecors::PolicyError &error) {
        for (const onecors::Problem &problem : error.problems()) {
            std::cout << problem.pointer << ": " << problem.code << '\n';
        }
    }
    if (from_the_clean_place()) {
        std::cout << "loaded from the clean place\n";
    }
}
