// Runs the conformance vectors through onecors.hpp: conformance DIRECTORY [EVERY]
//
// The format is described in DIRECTORY/README.md. Anything in a file that this program does not
// know is a failure, for a case that is misread is a case that is not run.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include "directory.hpp"
#include "onecors.hpp"
#include "server.hpp"

namespace {

namespace fs = std::filesystem;
// Keeps the order of keys, which is the order of problems.
using Json = nlohmann::ordered_json;

// A vector that this program does not understand: it ends the run.
struct Misread : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A case that does not come out as expected.
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void only_keys(const Json &object, std::initializer_list<const char *> keys) {
    if (!object.is_object()) {
        throw Misread("not an object: " + object.dump());
    }
    for (const auto &[key, value] : object.items()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            throw Misread("unknown field \"" + key + "\"");
        }
    }
}

std::string from_hex(const std::string &hex) {
    if (hex.size() % 2 != 0) {
        throw Misread("an odd number of hexadecimal digits");
    }
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

// A string, {"hex"}, {"concat"} or {"repeat", "count"}.
std::string bytes_of(const Json &value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    std::string bytes;
    if (value.contains("hex")) {
        only_keys(value, {"hex"});
        bytes = from_hex(value.at("hex"));
    } else if (value.contains("concat")) {
        only_keys(value, {"concat"});
        for (const Json &part : value.at("concat")) {
            bytes += bytes_of(part);
        }
    } else if (value.contains("repeat")) {
        only_keys(value, {"repeat", "count"});
        const std::string unit = bytes_of(value.at("repeat"));
        const std::size_t count = value.at("count");
        bytes.reserve(unit.size() * count);
        if (unit.size() == 1) {
            bytes.assign(count, unit[0]);
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                bytes += unit;
            }
        }
    } else {
        throw Misread("unknown form: " + value.dump());
    }
    return bytes;
}

template <typename T>
void expect_equal(const char *what, const T &expected, const T &got) {
    if (expected != got) {
        throw Mismatch(std::string(what) + " should be " + Json(expected).dump() + " and is " +
                       Json(got).dump());
    }
}

// Owns the bytes that a request's views point at.
class OwnedRequest {
public:
    explicit OwnedRequest(const Json &from) {
        only_keys(from, {"method", "path", "origin", "access_control_request_method",
                         "access_control_request_headers"});
        set(from, "method", request.method);
        set(from, "path", request.path);
        set(from, "origin", request.origin);
        set(from, "access_control_request_method", request.access_control_request_method);
        set(from, "access_control_request_headers", request.access_control_request_headers);
    }
    OwnedRequest(const OwnedRequest &) = delete;
    OwnedRequest &operator=(const OwnedRequest &) = delete;

    onecors::Request request;

private:
    void set(const Json &from, const char *key, std::optional<std::string_view> &field) {
        if (from.contains(key)) {
            storage_.push_back(std::make_unique<std::string>(bytes_of(from.at(key))));
            field = *storage_.back();
        }
    }

    std::vector<std::unique_ptr<std::string>> storage_;
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

HeaderLines expected_lines(const Json &headers) {
    HeaderLines lines;
    for (const Json &pair : headers) {
        if (pair.size() != 2) {
            throw Misread("a header line is a name and a value");
        }
        lines.emplace_back(bytes_of(pair[0]), bytes_of(pair[1]));
    }
    return lines;
}

HeaderLines rendered_lines(const onecors::Policy &policy, onecors::Verdict verdict,
                           const onecors::Request &request) {
    HeaderLines lines;
    for (const auto &[name, value] : policy.lines(verdict, request)) {
        lines.emplace_back(name, value);
    }
    return lines;
}

std::string echo(const onecors::Request &request, onecors::Slot slot) {
    switch (slot) {
        case onecors::Slot::origin:
            return std::string(request.origin.value());
        case onecors::Slot::access_control_request_method:
            return std::string(request.access_control_request_method.value());
        case onecors::Slot::access_control_request_headers:
            return std::string(request.access_control_request_headers.value());
    }
    throw Mismatch("a slot that is none");
}

// What a host makes of the table of plans.
HeaderLines lines_of_plan(const onecors::Plan &plan, const onecors::Request &request) {
    HeaderLines lines;
    for (const onecors::PlanHeader &header : plan.headers) {
        const auto *text = std::get_if<std::string_view>(&header.value);
        lines.emplace_back(header.name, text != nullptr
                                            ? std::string(*text)
                                            : echo(request, std::get<onecors::Slot>(header.value)));
    }
    std::string vary;
    for (const std::string_view token : plan.vary) {
        vary.append(vary.empty() ? "" : ", ").append(token);
    }
    if (!plan.vary.empty()) {
        lines.emplace_back("Vary", vary);
    }
    return lines;
}

// A request of a server, which has a value for every part that it sends.
server::Request server_request(const Json &from) {
    const OwnedRequest owned(from);
    const onecors::Request &view = owned.request;
    server::Request request;
    request.method = view.method.value_or("");
    request.path = view.path.value_or("");
    for (const auto &[name, value] :
         {std::pair("origin", view.origin),
          std::pair("access-control-request-method", view.access_control_request_method),
          std::pair("access-control-request-headers", view.access_control_request_headers)}) {
        if (value) {
            request.fields.emplace_back(name, *value);
        }
    }
    return request;
}

// Fields in one order, their names in lower case, the lines of Vary joined.
HeaderLines comparable(const HeaderLines &fields) {
    HeaderLines lines;
    std::string vary;
    for (auto [name, value] : fields) {
        std::transform(name.begin(), name.end(), name.begin(), onecors::detail::lower);
        if (name == "vary") {
            vary += (vary.empty() ? "" : ", ") + value;
        } else {
            lines.emplace_back(name, value);
        }
    }
    lines.emplace_back("vary", vary);
    std::sort(lines.begin(), lines.end());
    return lines;
}

// `answer` and `apply` read no more of a request than they need, and have the lines ready; they
// come to the same.
void serve_case(const onecors::Policy &policy, const Json &from, const Json &expect) {
    const server::Request request = server_request(from);
    const auto expected = comparable(expected_lines(expect.at("headers")));
    server::Response response{0, {}};
    const bool answered = onecors::answer(policy, request, response);
    expect_equal("answered", !expect.at("status").is_null(), answered);
    if (answered) {
        expect_equal("the status of the answer", expect.at("status").get<int>(), response.status);
        expect_equal("the lines of the answer", expected, comparable(response.fields));
    }
    server::Response applied{0, {}};
    onecors::apply(policy, request, applied);
    expect_equal("the lines that are applied", expected, comparable(applied.fields));
}

void decide_case(const onecors::Policy &policy, const Json &entry) {
    only_keys(entry, {"name", "source", "request", "expect"});
    const Json &expect = entry.at("expect");
    only_keys(expect, {"outcome", "reason", "status", "headers"});
    const OwnedRequest owned(entry.at("request"));
    const onecors::Request &request = owned.request;

    const onecors::Verdict verdict = policy.decide(request);
    const onecors::Plan &plan = policy.plan(verdict);
    const auto reason = verdict.reason();
    expect_equal("the outcome", expect.at("outcome"), Json(to_string(verdict.outcome())));
    expect_equal("the reason", expect.at("reason"), reason ? Json(to_string(*reason)) : Json());
    expect_equal("the status", expect.at("status"), plan.status ? Json(*plan.status) : Json());
    const HeaderLines expected = expected_lines(expect.at("headers"));
    expect_equal("the header lines", expected, rendered_lines(policy, verdict, request));
    expect_equal("the lines of the plan", expected, lines_of_plan(plan, request));
    expect_equal("the outcome that is explained", expect.at("outcome"),
                 Json::parse(policy.explain(request)).at("outcome"));
    // A server always has a method and a path.
    if (request.method && request.path) {
        serve_case(policy, entry.at("request"), expect);
    }
}

struct Wanted {
    std::string pointer;
    std::string code;
    std::optional<std::string> help;
};

void document_case(const Json &entry) {
    only_keys(entry, {"name", "source", "document", "text", "problems"});
    if (entry.contains("text") == entry.contains("document")) {
        throw Misread("either \"document\" or \"text\"");
    }
    std::vector<Wanted> wanted;
    for (const Json &problem : entry.value("problems", Json::array())) {
        only_keys(problem, {"code", "pointer", "help"});
        wanted.push_back({problem.at("pointer"), problem.at("code"),
                          problem.contains("help")
                              ? std::make_optional(problem.at("help").get<std::string>())
                              : std::nullopt});
    }
    std::vector<onecors::Problem> got;
    try {
        onecors::Policy::from_json(entry.contains("text") ? bytes_of(entry.at("text"))
                                                          : entry.at("document").dump());
    } catch (const onecors::PolicyError &error) {
        got = error.problems();
        if (got.empty()) {
            throw;
        }
    }
    const auto place = [](const auto &left, const auto &right) {
        return std::tie(left.pointer, left.code) < std::tie(right.pointer, right.code);
    };
    std::sort(wanted.begin(), wanted.end(), place);
    std::sort(got.begin(), got.end(), place);
    expect_equal("the number of problems", wanted.size(), got.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        expect_equal("a pointer", wanted[i].pointer, got[i].pointer);
        expect_equal("a code", wanted[i].code, got[i].code);
        if (wanted[i].help) {
            expect_equal("help", *wanted[i].help, got[i].help.value_or(""));
        }
    }
}

void response_case(const Json &entry) {
    only_keys(entry, {"name", "source", "document", "request", "response", "expect"});
    const Json &expect = entry.at("expect");
    only_keys(expect, {"status", "headers"});
    const auto policy = onecors::Policy::from_json(entry.at("document").dump());
    const server::Request request = server_request(entry.at("request"));

    server::Response answer{0, {}};
    onecors::answer(policy, request, answer);
    expect_equal("status", expect.at("status").is_null() ? 0 : expect.at("status").get<int>(),
                 answer.status);
    server::Response response{0, expected_lines(entry.at("response"))};
    onecors::apply(policy, request, response);
    expect_equal("headers", comparable(expected_lines(expect.at("headers"))),
                 comparable(response.fields));
}

// What no text of a file of texts/ shows.
struct Unseen {
    std::vector<std::string> characters;
    std::string forged;
    std::string file;

    void require_clean(const std::string &text) const {
        for (const std::string &character : characters) {
            if (text.find(character) != std::string::npos) {
                throw Mismatch("a text shows what is not seen: " + Json(text).dump());
            }
        }
        if (("\n" + text).find("\n" + forged) != std::string::npos) {
            throw Mismatch("a line is forged: " + Json(text).dump());
        }
    }

    void require_clean_line(const std::string &text) const {
        require_clean(text);
        expect_equal("the line's end", std::string::npos, text.find('\n'));
    }
};

onecors::PolicyError refusal_of(const std::function<void()> &load) {
    try {
        load();
    } catch (const onecors::PolicyError &error) {
        return error;
    }
    throw Mismatch("the document loads");
}

void refused_case(const Unseen &unseen, const Json &entry) {
    only_keys(entry, {"name", "source", "document", "text", "pointer"});
    const std::string document =
        entry.contains("text") ? bytes_of(entry.at("text")) : entry.at("document").dump();
    const auto error = refusal_of([&] { onecors::Policy::from_json(document); });
    unseen.require_clean(error.what());
    const std::string pointer = entry.at("pointer");
    const auto is_there = [&](const onecors::Problem &problem) {
        return problem.pointer == pointer;
    };
    const auto &problems = error.problems();
    expect_equal("an exact pointer", true, std::any_of(problems.begin(), problems.end(), is_there));
    for (const onecors::Problem &problem : problems) {
        unseen.require_clean_line(problem.message);
        unseen.require_clean_line(onecors::printable(problem.pointer));
    }
    const Directory directory;
    const fs::path file = directory.write(unseen.file.c_str(), document);
    unseen.require_clean(refusal_of([&] { onecors::Policy::from_file(file); }).what());
    fs::remove(file);
    try {
        onecors::Policy::from_file(file);
    } catch (const std::system_error &missing) {
        unseen.require_clean_line(missing.what());
        expect_equal("the number of the error", ENOENT, missing.code().value());
    }
}

void told_case(const Unseen &unseen, const Json &entry) {
    only_keys(entry,
              {"name", "source", "document", "request", "rule", "path_pattern", "nearest_miss"});
    const auto policy = onecors::Policy::from_json(entry.at("document").dump());
    const OwnedRequest owned(entry.at("request"));
    const std::string story = policy.explain(owned.request);
    unseen.require_clean_line(story);
    unseen.require_clean_line(policy.summarize(owned.request));
    const Json told = Json::parse(story);
    for (const char *text : {"summary", "advice", "browser_message"}) {
        unseen.require_clean_line(told.at(text));
    }
    expect_equal("the rule", entry.at("rule"), told.at("rule").at("name"));
    expect_equal("the path pattern", entry.at("path_pattern"), told.at("rule").at("path_pattern"));
    const Json &miss = told.at("nearest_miss");
    expect_equal("the nearest miss", entry.at("nearest_miss"),
                 miss.is_null() ? miss : miss.at("pattern"));

    std::vector<std::string> lines;
    onecors::DenialLog log([&](const onecors::LogLine &line) { lines.emplace_back(line.text); });
    log.record(policy, policy.decide(owned.request), owned.request, std::nullopt);
    expect_equal("the number of lines", std::size_t{1}, lines.size());
    unseen.require_clean_line(lines.front());
}

class Runner {
public:
    // Runs one case in so many.
    explicit Runner(std::size_t every) : every_(std::max<std::size_t>(every, 1)) {}

    void decisions(const Json &file) {
        only_keys(file, {"description", "groups"});
        for (const Json &group : file.at("groups")) {
            only_keys(group, {"name", "policy", "cases"});
            const auto policy = onecors::Policy::from_json(group.at("policy").dump());
            for (const Json &entry : group.at("cases")) {
                run_case(group.at("name"), entry,
                         [&policy](const Json &decision) { decide_case(policy, decision); });
            }
        }
    }

    void documents(const Json &file) {
        only_keys(file, {"description", "cases"});
        for (const Json &entry : file.at("cases")) {
            run_case("documents", entry, document_case);
        }
    }

    void responses(const Json &file) {
        only_keys(file, {"description", "cases"});
        for (const Json &entry : file.at("cases")) {
            run_case("responses", entry, response_case);
        }
    }

    void texts(const Json &file) {
        only_keys(file, {"description", "invisible", "forged", "file", "cases"});
        const Unseen unseen{file.at("invisible"), file.at("forged"), file.at("file")};
        for (const Json &entry : file.at("cases")) {
            run_case("texts", entry, [&unseen](const Json &text) {
                (text.contains("request") ? told_case : refused_case)(unseen, text);
            });
        }
    }

    std::size_t run = 0;
    std::size_t passed = 0;
    std::size_t left_out = 0;

private:
    void run_case(const std::string &group, const Json &entry,
                  const std::function<void(const Json &)> &check) {
        if ((run + left_out) % every_ != 0) {
            ++left_out;
            return;
        }
        ++run;
        try {
            if (!entry.at("source").is_string()) {
                throw Misread("a case without a source");
            }
            check(entry);
            ++passed;
        } catch (const std::exception &error) {
            std::cout << "FAIL " << group << ": " << entry.at("name") << ": " << error.what()
                      << "\n";
        }
    }

    std::size_t every_;
};

// The number of entries of all "cases" lists in a file.
std::size_t cases_in(const Json &value) {
    if (!value.is_structured()) {
        return 0;
    }
    std::size_t count = 0;
    for (const auto &[key, part] : value.items()) {
        count += value.is_object() && key == "cases" ? part.size() : cases_in(part);
    }
    return count;
}

std::size_t run_directory(const fs::path &directory,
                          const std::function<void(const Json &)> &run_file) {
    std::vector<fs::path> paths;
    for (const auto &entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".json") {
            paths.push_back(entry.path());
        }
    }
    if (paths.empty()) {
        throw Misread("no vectors in " + directory.string());
    }
    std::sort(paths.begin(), paths.end());
    std::size_t expected = 0;
    for (const fs::path &path : paths) {
        try {
            const Json file = Json::parse(std::ifstream(path));
            if (!file.at("description").is_string()) {
                throw Misread("no description");
            }
            expected += cases_in(file);
            run_file(file);
        } catch (const std::exception &error) {
            throw Misread(path.string() + ": " + error.what());
        }
    }
    return expected;
}

std::string tally(const std::string &what, const Runner &runner) {
    return what + ": " + std::to_string(runner.run) + " run, " + std::to_string(runner.passed) +
           " passed\n";
}

bool is_right(const Runner &runner, std::size_t expected) {
    const std::size_t seen = runner.run + runner.left_out;
    if (seen != expected) {
        std::cout << "the files have " << expected << " cases, not " << seen << "\n";
    }
    return runner.run != 0 && seen == expected && runner.run == runner.passed;
}

int run_all(const fs::path &directory, std::size_t every) {
    Runner engine(every);
    const std::size_t engine_cases =
        run_directory(directory / "decisions",
                      [&engine](const Json &file) { engine.decisions(file); }) +
        run_directory(directory / "documents",
                      [&engine](const Json &file) { engine.documents(file); });
    // What applies plans is counted apart: not every language's conformance program has it.
    Runner adapter(every);
    const std::size_t adapter_cases = run_directory(
        directory / "responses", [&adapter](const Json &file) { adapter.responses(file); });

    Runner printer(every);
    const std::size_t printer_cases =
        run_directory(directory / "texts", [&printer](const Json &file) { printer.texts(file); });

    const std::string line = tally("conformance c++", engine);
    const char *report = every == 1 ? std::getenv("ONECORS_CONFORMANCE_REPORT") : nullptr;
    if (report != nullptr) {
        std::ofstream file(fs::path(report) / "c++.txt");
        if (!(file << line).flush()) {
            throw Misread(std::string("cannot write into ") + report);
        }
    }
    std::cout << tally("responses c++", adapter) << tally("texts c++", printer) << line;
    return is_right(engine, engine_cases) && is_right(adapter, adapter_cases) &&
                   is_right(printer, printer_cases)
               ? 0
               : 1;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: conformance DIRECTORY [EVERY]\n";
        return 2;
    }
    try {
        return run_all(argv[1], argc == 3 ? std::stoul(argv[2]) : 1);
    } catch (const std::exception &error) {
        std::cout << error.what() << "\n";
        return 1;
    }
}
