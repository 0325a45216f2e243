// The file of a policy document.
#ifndef ONECORS_DETAIL_FILE_HPP
#define ONECORS_DETAIL_FILE_HPP

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "../../onecors.h"
#include "../text.hpp"

namespace onecors::detail {

struct CloseFile {
    void operator()(std::FILE *file) const noexcept { std::fclose(file); }
};

/// The name of a file, safe to print.
inline std::string name_of(const std::filesystem::path &path) {
    return printable(path.string());
}

/// Reads at most one byte more than a document may have: enough for the engine to refuse it.
inline std::string read_document(const std::filesystem::path &path) {
    const auto fail = [&path]() -> std::system_error {
        const int number = errno;  // Before anything else is called.
        return {number, std::generic_category(), name_of(path)};
    };
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.string().c_str(), "rb"));
    if (!file) {
        throw fail();
    }
    constexpr std::size_t limit = std::size_t{ONECORS_MAX_DOCUMENT_BYTES} + 1;
    std::string document;
    std::array<char, 65536> chunk;
    while (document.size() < limit) {
        const std::size_t wanted = std::min(chunk.size(), limit - document.size());
        const std::size_t count = std::fread(chunk.data(), 1, wanted, file.get());
        if (std::ferror(file.get()) != 0) {
            throw fail();
        }
        document.append(chunk.data(), count);
        if (count < wanted) {
            break;
        }
    }
    return document;
}

/// What changes when a file does: its device and inode, its size and its times.
using Stamp = std::array<std::int64_t, 7>;

/// The stamp of the file behind all symbolic links; nothing if there is none.
inline std::optional<Stamp> stamp_of(const std::filesystem::path &path) noexcept {
    struct stat data;
    if (::stat(path.c_str(), &data) != 0) {
        return std::nullopt;
    }
    const auto device = static_cast<std::int64_t>(data.st_dev);
    const auto inode = static_cast<std::int64_t>(data.st_ino);
    return Stamp{device,
                 inode,
                 data.st_size,
                 data.st_mtim.tv_sec,
                 data.st_mtim.tv_nsec,
                 data.st_ctim.tv_sec,
                 data.st_ctim.tv_nsec};
}

}  // namespace onecors::detail

#endif  // ONECORS_DETAIL_FILE_HPP
