// Times subjects in turn, and writes what was measured as JSON lines.
#ifndef ROUNDS_HPP
#define ROUNDS_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

// What is timed: it makes so many calls.
using Batch = std::function<void(std::size_t calls)>;

struct Timed {
    std::string subject;
    Batch batch;
    std::vector<double> samples = {};
    std::size_t calls = 1;
    // What is to be known beside the numbers.
    std::string note = {};
};

// Nanoseconds of one call.
inline double time(const Batch &batch, std::size_t calls) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    batch(calls);
    const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
    return taken.count() / static_cast<double>(calls);
}

// In each round every subject has its turn, in an order that changes.
inline void run_rounds(std::vector<Timed> &subjects, std::size_t rounds) {
    constexpr double least_nanoseconds = 300'000;
    static std::mt19937 random(1);
    for (Timed &timed : subjects) {
        while (time(timed.batch, timed.calls) * static_cast<double>(timed.calls) <
               least_nanoseconds) {
            timed.calls *= 2;
        }
    }
    std::vector<Timed *> order;
    for (Timed &timed : subjects) {
        order.push_back(&timed);
    }
    for (std::size_t round = 0; round < rounds; ++round) {
        std::shuffle(order.begin(), order.end(), random);
        for (Timed *timed : order) {
            timed->samples.push_back(time(timed->batch, timed->calls));
        }
    }
}

inline void print(nlohmann::ordered_json line, const Timed &timed) {
    line["subject"] = timed.subject;
    line["unit"] = "ns";
    if (!timed.note.empty()) {
        line["note"] = timed.note;
    }
    line["samples"] = timed.samples;
    std::cout << line.dump() << std::endl;
}

#endif
