// LivePolicy: replaced by hand, and by a file that changes.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"
#include "directory.hpp"
#include "onecors.hpp"

namespace {

namespace fs = std::filesystem;

std::string document(const std::string &origin) {
    return R"({"allow_origins": ["https://)" + origin + R"(.example"]})";
}

bool allows(const onecors::LivePolicy &live, const std::string &origin) {
    const std::string value = "https://" + origin + ".example";
    onecors::Request request;
    request.origin = value;
    return live.current()->check_origin(request, std::nullopt);
}

// Generous: it ends at once when the condition holds.
void wait_until(const char *what, const std::function<bool()> &condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            FAIL(what);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void wait_until_allowed(const onecors::LivePolicy &live, const std::string &origin) {
    wait_until(origin.c_str(), [&] { return allows(live, origin); });
}

void let_the_watcher_look() {
    std::this_thread::sleep_for(std::chrono::seconds(1));
}

class Log {
public:
    onecors::Logger logger() {
        return [this](const onecors::LogLine &line) {
            const std::lock_guard<std::mutex> lock(mutex_);
            lines_.emplace_back(line.severity, line.text);
        };
    }
    std::vector<std::pair<onecors::Severity, std::string>> lines() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return lines_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<onecors::Severity, std::string>> lines_;
};

void test_replacing() {
    onecors::LivePolicy live(onecors::Policy::from_json(document("first")));
    const auto taken = live.current();
    live.replace(document("second"));
    CHECK(allows(live, "second") && !allows(live, "first"));
    onecors::Request request;
    request.origin = "https://first.example";
    CHECK(taken->check_origin(request, std::nullopt));

    try {
        live.replace(R"({"allow_origins": ["https://a.example/"], "max_age": -1})");
        FAIL("a bad document was put in force");
    } catch (const onecors::PolicyError &error) {
        CHECK(error.problems().size() == 2);
    }
    CHECK(allows(live, "second"));
    live.replace(taken);
    CHECK(live.current() == taken);
    live.close();
    live.replace(onecors::Policy::from_json(document("third")));
    CHECK(allows(live, "third"));
}

void test_replacing_under_load() {
    onecors::LivePolicy live(onecors::Policy::from_json(document("first")));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&live, i] {
            for (int turn = 0; turn < 200; ++turn) {
                if (i == 0) {
                    live.replace(document(turn % 2 == 0 ? "second" : "first"));
                }
                CHECK(live.current() != nullptr);
                allows(live, "first");
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
}

void test_the_file_must_be_right_at_the_start() {
    const Directory directory;
    try {
        const auto live = onecors::LivePolicy::watch(directory.path() / "cors.json", nullptr);
        FAIL("a missing file was loaded");
    } catch (const std::system_error &error) {
        CHECK(std::string(error.what()).find("cors.json") != std::string::npos);
    }
    try {
        const auto live =
            onecors::LivePolicy::watch(directory.write("bad.json", "{}"), onecors::Logger());
        FAIL("a bad file was loaded");
    } catch (const onecors::PolicyError &error) {
        CHECK(std::string(error.what()).find("bad.json: ") != std::string::npos);
    }
}

void test_a_file_that_changes() {
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    Log log;
    const auto live = onecors::LivePolicy::watch(path, log.logger());
    CHECK(allows(live, "first"));
    directory.write("cors.json", document("other"));
    wait_until_allowed(live, "other");
    wait_until("a line in the log", [&log] { return log.lines().size() == 1; });
    CHECK(log.lines()[0].first == onecors::Severity::info);
    CHECK(log.lines()[0].second == "onecors: loaded the changed policy " + path.string());

    fs::rename(directory.write("cors.json.new", document("renamed")), path);
    wait_until_allowed(live, "renamed");
}

// A ConfigMap is a file behind a link to a link to a folder, and that folder's link is replaced.
void test_a_link_to_another_folder() {
    const Directory directory;
    const fs::path &root = directory.path();
    const auto publish = [&](const std::string &version) {
        fs::create_directory(root / version);
        directory.write((version + "/cors.json").c_str(), document(version));
        fs::create_directory_symlink(version, root / "..data_tmp");
        fs::rename(root / "..data_tmp", root / "..data");
    };
    publish("first");
    fs::create_symlink("..data/cors.json", root / "cors.json");
    const auto live = onecors::LivePolicy::watch(root / "cors.json", nullptr);
    publish("second");
    wait_until_allowed(live, "second");
}

// What is put in force by other means stays while the file is as it was.
void test_a_file_that_stays() {
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    auto live = onecors::LivePolicy::watch(path, nullptr);
    live.replace(document("other"));
    let_the_watcher_look();
    CHECK(allows(live, "other"));
    directory.write("cors.json", document("first"));
    let_the_watcher_look();
    CHECK(allows(live, "other"));
}

void test_a_bad_file_is_logged_once() {
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    Log log;
    auto live = onecors::LivePolicy::watch(path, log.logger());
    for (int i = 0; i < 2; ++i) {
        directory.write("cors.json", R"({"allow_origins": ["https://a.example/"], "max_age": -1})");
        wait_until("an error in the log", [&log] { return !log.lines().empty(); });
        let_the_watcher_look();
    }
    CHECK(log.lines().size() == 1 && log.lines()[0].first == onecors::Severity::error);
    const std::string kept =
        "onecors: keeping the current policy: cannot reload " + path.string() + ": ";
    CHECK(log.lines()[0].second.rfind(kept, 0) == 0);
    CHECK(log.lines()[0].second.find(path.string(), kept.size()) == std::string::npos);
    CHECK(log.lines()[0].second.find("/allow_origins/0") != std::string::npos);
    CHECK(log.lines()[0].second.find("/max_age") != std::string::npos);
    CHECK(allows(live, "first"));

    fs::remove(path);
    wait_until("a second error", [&log] { return log.lines().size() == 2; });
    CHECK(log.lines()[1].second == kept + "No such file or directory");
    // Back to what is in force: nothing to load, nothing to say.
    const auto policy = live.current();
    directory.write("cors.json", document("first"));
    let_the_watcher_look();
    CHECK(live.current() == policy && log.lines().size() == 2);

    // What is in force already, by hand, is no news in the file.
    live.replace(document("other"));
    const auto by_hand = live.current();
    directory.write("cors.json", document("other"));
    let_the_watcher_look();
    CHECK(live.current() == by_hand);
}

// A program that writes a file in place empties it first. Each state is there for milliseconds;
// where this thread had to wait for so long that the watcher could see one twice, it begins again.
void test_what_is_there_for_a_moment() {
    using Clock = std::chrono::steady_clock;
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    for (int attempt = 0; attempt < 20; ++attempt) {
        Log log;
        const auto live = onecors::LivePolicy::watch(path, log.logger());
        auto longest = Clock::duration::zero();
        auto last = Clock::now();
        for (const auto end = last + std::chrono::seconds(2); last < end;) {
            for (const std::string &text : {std::string(), document("first")}) {
                directory.write("cors.json", text);
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
            const auto now = Clock::now();
            longest = std::max(longest, now - last);
            last = now;
        }
        if (longest < std::chrono::milliseconds(200)) {
            CHECK(log.lines().empty());
            return;
        }
    }
    std::puts("not checked, as the machine is too busy: what is there for a moment");
}

void test_close() {
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    auto live = onecors::LivePolicy::watch(path, nullptr);
    live.close();
    live.close();
    directory.write("cors.json", document("second"));
    let_the_watcher_look();
    CHECK(allows(live, "first"));
}

// A logger may close, from the thread that watches, and may throw.
void test_a_logger_that_closes() {
    const Directory directory;
    const fs::path path = directory.write("cors.json", document("first"));
    std::mutex mutex;
    onecors::LivePolicy *watching = nullptr;
    bool closed = false;
    {
        auto live = onecors::LivePolicy::watch(path, [&](const onecors::LogLine &) {
            const std::lock_guard<std::mutex> lock(mutex);
            watching->close();
            closed = true;
            throw std::runtime_error("full");
        });
        {
            const std::lock_guard<std::mutex> lock(mutex);
            watching = &live;
        }
        directory.write("cors.json", document("second"));
        wait_until("the logger", [&] {
            const std::lock_guard<std::mutex> lock(mutex);
            return closed;
        });
    }
}

}  // namespace

int main() {
    test_replacing();
    test_replacing_under_load();
    test_the_file_must_be_right_at_the_start();
    test_a_file_that_changes();
    test_a_link_to_another_folder();
    test_a_file_that_stays();
    test_a_bad_file_is_logged_once();
    test_what_is_there_for_a_moment();
    test_close();
    test_a_logger_that_closes();
}
