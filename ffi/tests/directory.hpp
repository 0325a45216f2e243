// A directory of the test's own that is gone in the end.
#ifndef DIRECTORY_HPP
#define DIRECTORY_HPP

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "check.h"

class Directory {
public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "onecors-XXXXXX").string();
        CHECK(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }

    std::filesystem::path write(const char *name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path_ / name;
    }
    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

#endif
