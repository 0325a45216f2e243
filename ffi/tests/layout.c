/* The layout that programs were compiled against. It never changes; fields are added at the end. */
#include <stddef.h>

#include "onecors.h"

#ifndef __cplusplus
#define static_assert _Static_assert
#endif

#if UINTPTR_MAX == UINT64_MAX
static_assert(sizeof(onecors_str) == 16, "onecors_str");
static_assert(offsetof(onecors_str, data) == 0, "data");
static_assert(offsetof(onecors_str, len) == 8, "len");

static_assert(sizeof(onecors_header) == 32, "onecors_header");
static_assert(offsetof(onecors_header, name) == 0, "name");
static_assert(offsetof(onecors_header, value) == 16, "value");

static_assert(sizeof(onecors_uniform) == 40, "onecors_uniform");
static_assert(offsetof(onecors_uniform, not_cors) == 0, "not_cors");
static_assert(offsetof(onecors_uniform, actual_allowed) == 4, "actual_allowed");
static_assert(offsetof(onecors_uniform, actual_denied) == 8, "actual_denied");
static_assert(offsetof(onecors_uniform, preflight_denied) == 12, "preflight_denied");
static_assert(offsetof(onecors_uniform, origins) == 16, "origins");
static_assert(offsetof(onecors_uniform, ends) == 24, "ends");
static_assert(offsetof(onecors_uniform, count) == 32, "count");

static_assert(sizeof(onecors_request) == 88, "onecors_request");
static_assert(offsetof(onecors_request, struct_size) == 0, "struct_size");
static_assert(offsetof(onecors_request, method) == 8, "method");
static_assert(offsetof(onecors_request, path) == 24, "path");
static_assert(offsetof(onecors_request, origin) == 40, "origin");
static_assert(offsetof(onecors_request, access_control_request_method) == 56, "method asked for");
static_assert(offsetof(onecors_request, access_control_request_headers) == 72, "headers asked for");
#endif
