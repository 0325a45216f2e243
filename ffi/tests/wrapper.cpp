// onecors.hpp: ownership, exceptions, files, and what the C functions do not have.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <type_traits>

#include "check.h"
#include "directory.hpp"
#include "onecors.hpp"

std::uint32_t decide_in_another_unit(const onecors::Policy &policy);

namespace {

namespace fs = std::filesystem;

constexpr const char *document = R"({"allow_origins": ["https://app.example.com"],
    "allow_credentials": true, "allow_methods": ["*"], "preflight_status": 200})";

static_assert(std::is_nothrow_move_constructible_v<onecors::Policy>);
static_assert(std::is_nothrow_move_assignable_v<onecors::Policy>);
static_assert(!std::is_copy_constructible_v<onecors::Policy>);
static_assert(std::is_nothrow_copy_constructible_v<onecors::PolicyError>);
static_assert(std::is_base_of_v<std::runtime_error, onecors::PolicyError>);

onecors::Request preflight() {
    onecors::Request request;
    request.method = "OPTIONS";
    request.origin = "https://app.example.com";
    request.access_control_request_method = "PATCH";
    return request;
}

void test_a_decision() {
    const auto policy = onecors::Policy::from_json(document);
    const onecors::Request request = preflight();
    const onecors::Verdict verdict = policy.decide(request);
    CHECK(verdict.outcome() == onecors::Outcome::preflight_allowed);
    CHECK(!verdict.reason());
    CHECK(verdict == policy.decide(request));
    CHECK(policy.plan(verdict).status == 200);

    const onecors::Lines lines = policy.lines(verdict, request);
    CHECK(!lines.empty() && lines.size() == 5);
    CHECK(lines[0].name == "Access-Control-Allow-Origin");
    CHECK(lines[0].value.data() == request.origin->data());
    CHECK((lines.end() - 1)->name == "Vary");
    CHECK(policy.explain(request).find("preflight_allowed") != std::string::npos);
    CHECK(policy.summarize(request).rfind("allowed the preflight of ", 0) == 0);
    CHECK(policy.plans_json().front() == '[');
    CHECK(policy.plans().size() == onecors_plan_count(policy.get()));
}

void test_a_response_with_fields() {
    CHECK(onecors::is_owned("access-control-allow-origin") && !onecors::is_owned("vary"));
    const auto policy = onecors::Policy::from_json(document);
    onecors::Request request;
    request.method = "GET";
    request.origin = "https://app.example.com";
    const onecors::Verdict verdict = policy.decide(request);
    CHECK(policy.merge_vary(verdict, "Accept, Cookie") == "Accept, Cookie, Origin");
    CHECK(policy.merge_vary(verdict, "accept, origin") == std::nullopt);
    try {
        (void)policy.merge_vary(onecors::Verdict(ONECORS_VERDICT_FAILED), "");
        FAIL("there is a Vary for it");
    } catch (const onecors::PolicyError &) {
    }
}

void test_absent_and_empty() {
    const auto policy = onecors::Policy::from_json(document);
    onecors::Request request;
    request.method = "GET";
    CHECK(policy.decide(request).outcome() == onecors::Outcome::not_cors);
    // A default string_view has no data, and is present and empty all the same.
    request.origin = std::string_view();
    CHECK(policy.decide(request).outcome() == onecors::Outcome::actual_denied);
    CHECK(policy.decide(request).reason() == onecors::Reason::malformed_origin);
    request.origin = std::string_view("https://app.example.com\0.evil.example", 37);
    CHECK(policy.decide(request).reason() == onecors::Reason::malformed_origin);
}

void test_problems() {
    try {
        onecors::Policy::from_json(R"({"allow_origins": ["https://a.example/"], "max_age": -1})");
        FAIL("a bad document was accepted");
    } catch (const onecors::PolicyError &error) {
        const onecors::PolicyError copy = error;
        CHECK(copy.problems().size() == 2);
        CHECK(copy.problems()[0].code == "trailing_slash");
        CHECK(copy.problems()[0].pointer == "/allow_origins/0");
        CHECK(copy.problems()[0].help == "https://a.example");
        const std::string what = copy.what();
        CHECK(what.find("/allow_origins/0") != std::string::npos);
        CHECK(what.find("/max_age") != std::string::npos);
    }
}

void expect_system_error(const fs::path &path, int number) {
    try {
        onecors::Policy::from_file(path);
        FAIL("no exception");
    } catch (const std::system_error &error) {
        CHECK(error.code() == std::error_code(number, std::generic_category()));
        CHECK(std::string(error.what()).find(path.string()) != std::string::npos);
    }
}

void expect_document_error(const fs::path &path, const char *code) {
    try {
        onecors::Policy::from_file(path);
        FAIL("no exception");
    } catch (const onecors::PolicyError &error) {
        CHECK(error.problems().size() == 1 && error.problems()[0].code == code);
        CHECK(std::string(error.what()).rfind(path.string() + ": ", 0) == 0);
    }
}

void test_files() {
    const Directory directory;
    const auto policy = onecors::Policy::from_file(directory.write("good.json", document));
    CHECK(policy.decide(preflight()).outcome() == onecors::Outcome::preflight_allowed);

    expect_system_error(directory.path() / "missing.json", ENOENT);
    expect_system_error(directory.path(), EISDIR);
    expect_system_error(directory.write("file", "") / "below", ENOTDIR);
    expect_document_error(directory.write("empty.json", ""), "invalid_json");
    expect_document_error(directory.write("latin1.json", "{\"description\": \"caf\xe9\"}"),
                          "invalid_json");
    expect_document_error(directory.write("twice.json", R"({"allow_origins": ["*"], "max_age": 1,
        "max_age": 1})"),
                          "repeated_key");
    expect_document_error(directory.write("deep.json", std::string(10000, '[')), "invalid_json");
    const fs::path large = directory.write("large.json", "");
    fs::resize_file(large, 100 << 20);
    expect_document_error(large, "document_too_large");
    // Without an end: what is read is bounded all the same.
    expect_document_error("/dev/zero", "document_too_large");
}

void test_moves() {
    auto first = onecors::Policy::from_json(document);
    const onecors_policy *known_as = first.get();
    const onecors::Policy second = std::move(first);
    CHECK(second.get() == known_as && second.plans().size() > 0);
    CHECK(second.decide(preflight()).outcome() == onecors::Outcome::preflight_allowed);
    CHECK(decide_in_another_unit(second) == second.decide(preflight()).bits());

    CHECK(first.get() == nullptr && first.plans().empty());
    for (const onecors::Request &request : {preflight(), onecors::Request{}}) {
        try {
            first.decide(request);
            FAIL("a policy that was moved from decided");
        } catch (const onecors::PolicyError &error) {
            CHECK(error.problems().empty());
        }
    }
}

void test_a_verdict_of_another_policy() {
    const auto policy = onecors::Policy::from_json(document);
    const onecors::Verdict other(ONECORS_VERDICT_FAILED);
    CHECK(other.outcome() == onecors::Outcome::actual_denied);
    try {
        policy.plan(other);
        FAIL("there is such a plan");
    } catch (const std::out_of_range &) {
    }
    try {
        policy.lines(other, preflight());
        FAIL("there are lines for it");
    } catch (const onecors::PolicyError &) {
    }
}

void test_check_origin() {
    const auto policy = onecors::Policy::from_json(document);
    onecors::Request request;
    CHECK(policy.check_origin(request, std::nullopt));
    request.origin = "https://app.example.com";
    CHECK(policy.check_origin(request, std::nullopt));
    request.origin = "https://api.example.com";
    CHECK(policy.check_origin(request, "API.example.com:443"));
    CHECK(!policy.check_origin(request, "app.example.com"));
    CHECK(!policy.check_origin(request, std::nullopt));
    auto source = onecors::Policy::from_json(document);
    const auto sink = std::move(source);
    CHECK(!source.check_origin(request, "api.example.com"));
}

void test_versions() {
    CHECK(onecors::version() == ONECORS_VERSION);
    onecors::detail::check_abi(ONECORS_ABI_VERSION);
    try {
        onecors::detail::check_abi(ONECORS_ABI_VERSION + 1);
        FAIL("a library of another ABI was accepted");
    } catch (const std::runtime_error &error) {
        const std::string what = error.what();
        CHECK(what.find("install") != std::string::npos);
        CHECK(what.find(ONECORS_VERSION) != std::string::npos);
    }
}

void test_names() {
    using onecors::Outcome;
    using onecors::Reason;
    CHECK(to_string(Outcome::ungoverned) == "ungoverned");
    CHECK(to_string(Outcome::not_cors) == "not_cors");
    CHECK(to_string(Outcome::actual_allowed) == "actual_allowed");
    CHECK(to_string(Outcome::actual_denied) == "actual_denied");
    CHECK(to_string(Outcome::preflight_allowed) == "preflight_allowed");
    CHECK(to_string(Outcome::preflight_denied) == "preflight_denied");
    CHECK(to_string(Reason::malformed_origin) == "malformed_origin");
    CHECK(to_string(Reason::origin_not_allowed) == "origin_not_allowed");
    CHECK(to_string(Reason::malformed_request_method) == "malformed_request_method");
    CHECK(to_string(Reason::method_not_allowed) == "method_not_allowed");
    CHECK(to_string(Reason::too_many_headers) == "too_many_headers");
    CHECK(to_string(Reason::malformed_request_headers) == "malformed_request_headers");
    CHECK(to_string(Reason::header_not_allowed) == "header_not_allowed");
}

}  // namespace

int main() {
    test_a_decision();
    test_a_response_with_fields();
    test_absent_and_empty();
    test_problems();
    test_files();
    test_moves();
    test_a_verdict_of_another_policy();
    test_check_origin();
    test_versions();
    test_names();
}
