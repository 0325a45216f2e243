/* What several of the C tests need: a policy, and strings with their lengths. */
#ifndef POLICIES_H
#define POLICIES_H

#include <string.h>

#include "check.h"
#include "onecors.h"

/* One rule of each kind that decides differently: exact origins, wildcards, a regex, any. */
static const char rules_document[] =
    "{\"rules\": ["
    "{\"paths\": [\"/app/*\"], \"allow_credentials\": true, \"allow_methods\": [\"*\"],"
    " \"allow_headers\": [\"*\"], \"expose_headers\": [\"etag\"],"
    " \"allow_origins\": [\"https://app.example.com\", \"https://*.tenant.example.org\","
    " \"https://pr-*.preview.example.net\", \"http://localhost:*\","
    " {\"regex\": \"https://[a-z]+-[0-9]+\\\\.ci\\\\.example\\\\.net\"}]},"
    "{\"paths\": [\"/open/{id}\"], \"allow_origins\": [\"*\"]}"
    "]}";

static const char rule_document[] =
    "{\"allow_origins\": [\"https://app.example.com\"], \"allow_methods\": [\"PUT\"],"
    " \"allow_headers\": [\"content-type\"]}";

static inline onecors_policy *policy_of(const char *document) {
    onecors_policy *policy;
    onecors_error *error;
    if (onecors_policy_new(document, strlen(document), &policy, &error) != ONECORS_OK) {
        printf("%s\n", onecors_error_text(error).data);
        exit(1);
    }
    CHECK(policy != NULL && error == NULL);
    return policy;
}

static inline onecors_str str_of(const char *data, size_t len) {
    onecors_str str;
    str.data = data;
    str.len = len;
    return str;
}

static inline int same(onecors_str str, const char *text) {
    return str.len == strlen(text) && memcmp(str.data, text, str.len) == 0;
}

static inline onecors_request get_from(const char *origin) {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = onecors_str_from("GET");
    request.path = onecors_str_from("/app/orders");
    request.origin = onecors_str_from(origin);
    return request;
}

static inline onecors_request preflight_from(const char *origin, const char *method,
                                             const char *headers) {
    onecors_request request = get_from(origin);
    request.method = onecors_str_from("OPTIONS");
    request.access_control_request_method = onecors_str_from(method);
    request.access_control_request_headers = onecors_str_from(headers);
    return request;
}

static inline uint32_t decide(const onecors_policy *policy, const onecors_request *request) {
    uint32_t verdict;
    CHECK(onecors_decide(policy, request, &verdict) == ONECORS_OK);
    return verdict;
}

#endif
