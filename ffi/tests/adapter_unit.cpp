// A second unit with the same header and traits: every function in them may be defined twice.
#include "server.hpp"

bool answer_in_another_unit(const onecors::Policy &policy, const server::Request &request,
                            server::Response &response);

bool answer_in_another_unit(const onecors::Policy &policy, const server::Request &request,
                            server::Response &response) {
    return onecors::answer(policy, request, response);
}
