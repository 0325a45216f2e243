/// @file
/// A policy that can be replaced, and that can follow a file.
#ifndef ONECORS_LIVE_HPP
#define ONECORS_LIVE_HPP

#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "detail/file.hpp"
#include "log.hpp"
#include "policy.hpp"

namespace onecors {

/// The current policy: a Policy that any thread can replace at any time while others use it. Call
/// `current()` once for each request, so that one policy decides the whole request.
class LivePolicy {
public:
    /// Starts with this policy.
    explicit LivePolicy(Policy policy)
        : LivePolicy(std::make_shared<const Policy>(std::move(policy))) {}

    /// Starts with this policy, which must not be null.
    explicit LivePolicy(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

    /// Loads a file, throwing what Policy::from_file throws, and follows its changes until
    /// `close()` or destruction.
    ///
    /// A thread checks the file every quarter of a second, through symbolic links, and loads a
    /// change within a second: a write in place, a rename, or another link target, as in a
    /// Kubernetes ConfigMap. It logs at info when it has loaded a change. If the file is missing or
    /// has problems, it keeps the current policy, and logs at error, once, with every problem.
    /// Momentary states, such as a half-written file, are not logged. The logger must not destroy
    /// this object.
    ///
    /// Call it after a fork, not before: threads do not survive one.
    static LivePolicy watch(std::filesystem::path path, Logger logger) {
        return LivePolicy(std::move(path), std::move(logger));
    }

    LivePolicy(const LivePolicy &) = delete;
    LivePolicy &operator=(const LivePolicy &) = delete;
    ~LivePolicy() { close(); }

    /// The current policy.
    std::shared_ptr<const Policy> current() const {
        // std::atomic<std::shared_ptr> needs C++20, and takes a lock of its own.
        const std::lock_guard<std::mutex> lock(mutex_);
        return policy_;
    }

    /// Compiles a document and makes it the current policy. Throws PolicyError with every problem
    /// of the document, and then keeps the current policy.
    void replace(std::string_view document) {
        set(std::make_shared<const Policy>(Policy::from_json(document)), std::string(document));
    }

    /// Makes this the current policy.
    void replace(Policy policy) { replace(std::make_shared<const Policy>(std::move(policy))); }

    /// Makes this the current policy. It must not be null.
    void replace(std::shared_ptr<const Policy> policy) { set(std::move(policy), std::nullopt); }

    /// Stops watching the file, and waits for the thread to end, unless that thread is the caller.
    /// The current policy stays. Does nothing if no file is watched.
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
          // Before the file is read, so that a change in between is noticed.
          seen_(detail::stamp_of(path_)),
          read_(detail::read_document(path_)),
          document_(read_),
          policy_(std::make_shared<const Policy>(
              Policy::compile(*document_, detail::name_of(path_) + ": "))),
          thread_([this] { run(); }) {}

    void set(std::shared_ptr<const Policy> policy, std::optional<std::string> document) {
        // The old policy is released after the lock.
        const std::lock_guard<std::mutex> lock(mutex_);
        policy_.swap(policy);
        document_.swap(document);
    }

    bool is_current(const std::string &document) const {
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

    /// A change is read at the look after the one that noticed it. By then a program that writes
    /// the file in several steps has usually finished; and a second change within the clock's
    /// resolution, which leaves the same stamp, is read with the first.
    void look() noexcept {
        const auto stamp = detail::stamp_of(path_);
        const bool changed = stamp != seen_;
        seen_ = stamp;
        if (due_) {
            reload(changed);
        }
        // An unreadable file may become readable without a change of its stamp.
        due_ = changed || !read_;
    }

    void reload(bool changed) noexcept {
        std::optional<std::string> found;
        try {
            found = detail::read_document(path_);
            if (found == read_) {
                return;  // No change: a policy that was set by replace() since then stays.
            }
            load(*found);
            read_.swap(found);
            complaint_.clear();
        } catch (const std::system_error &error) {
            complain(changed, found, [&error] { return error.code().message(); });
        } catch (const std::exception &error) {
            complain(changed, found, [&error] { return std::string(error.what()); });
        }
    }

    void load(const std::string &document) {
        if (is_current(document)) {
            return;
        }
        set(std::make_shared<const Policy>(Policy::from_json(document)), document);
        const std::string text = "onecors: loaded the changed policy " + detail::name_of(path_);
        detail::log(logger_, {Severity::info, text, {}});
    }

    template <typename Describe>
    void complain(bool changed, std::optional<std::string> &found, Describe &&describe) noexcept {
        // The file may be half-written, or about to be renamed into place. Either way another
        // change is noticed, and read.
        if (changed || detail::stamp_of(path_) != seen_) {
            return;
        }
        read_.swap(found);
        try {
            std::string complaint = describe();
            if (complaint != complaint_) {
                const std::string text = "onecors: keeping the current policy: cannot reload " +
                                         detail::name_of(path_) + ": " + complaint;
                detail::log(logger_, {Severity::error, text, {}});
                complaint_ = std::move(complaint);
            }
        } catch (const std::exception &) {
            // Out of memory: the next look may have some.
        }
    }

    // Used by the thread alone.
    std::filesystem::path path_;
    Logger logger_;
    std::optional<detail::Stamp> seen_;  // The file's stamp at the last look.
    bool due_ = true;                    // Whether the next look reads the file.
    // The document that was last loaded or complained of; nothing if the file could not be read.
    std::optional<std::string> read_;
    std::string complaint_;

    // Guards what follows.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::optional<std::string> document_;  // The source of policy_, if it is known.
    std::shared_ptr<const Policy> policy_;

    // Last, because the thread uses the others from its start.
    std::thread thread_;
};

}  // namespace onecors

#endif  // ONECORS_LIVE_HPP
