// A second unit with the same header: every function in it may be defined twice.
#include "onecors.hpp"

std::uint32_t decide_in_another_unit(const onecors::Policy &policy);

std::uint32_t decide_in_another_unit(const onecors::Policy &policy) {
    onecors::Request request;
    request.method = "OPTIONS";
    request.origin = "https://app.example.com";
    request.access_control_request_method = "PATCH";
    return policy.decide(request).bits();
}
