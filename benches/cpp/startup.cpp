// A process that loads a policy and ends: startup nothing|hand-written|onecors DOCUMENT

#include <httplib.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#ifdef WITH_ONECORS
#include <onecors.hpp>
#endif

#include "cases.hpp"
#include "hand_written.hpp"

// The framework is there in each of them. Only one is linked with onecors.
int main(int count, char **arguments) try {
    const httplib::Server server;
    if (count != 3 || !server.is_valid()) {
        throw std::runtime_error("usage: startup nothing|hand-written|onecors DOCUMENT");
    }
    const std::string subject = arguments[1];
    if (subject == "hand-written") {
        const HandWritten cors(nlohmann::json::parse(read_file(arguments[2])));
    }
#ifdef WITH_ONECORS
    const auto policy = onecors::Policy::from_file(arguments[2]);
#endif
    return EXIT_SUCCESS;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
}
