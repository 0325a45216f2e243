/*
 * Deciding and rendering allocate nothing, whatever the request. Linked with --wrap for each
 * function that allocates, so that calls from inside the static library arrive here.
 */
#include "policies.h"

static size_t allocations;

#define WRAP(type, name, parameters, arguments) \
    type __real_##name parameters;              \
    type __wrap_##name parameters;              \
    type __wrap_##name parameters {             \
        allocations++;                          \
        return __real_##name arguments;         \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
WRAP(int, posix_memalign, (void **out, size_t alignment, size_t size), (out, alignment, size))

static void count_for(const onecors_policy *policy, const onecors_request *request) {
    onecors_header lines[ONECORS_MAX_HEADERS];
    size_t count, before = allocations;
    uint32_t verdict = decide(policy, request);
    CHECK(onecors_render(policy, verdict, request, lines, ONECORS_MAX_HEADERS, &count) ==
          ONECORS_OK);
    CHECK(onecors_is_owned(onecors_str_from("Access-Control-Max-Age")) == 1);
    CHECK(allocations == before);
}

int main(void) {
    static const char *const origins[] = {
        "https://app.example.com",
        "https://a.b.c.d.tenant.example.org",
        "https://pr-1.preview.example.net",
        "http://localhost:3000",
        "https://web-17.ci.example.net",
        "https://evil.example",
        "null",
        "",
        "\xff\xfe",
        NULL,
    };
    onecors_policy *policy = policy_of(rules_document);
    char headers[9000];
    size_t i, j;
    CHECK(allocations > 0);
    memset(headers, 'x', sizeof headers);
    for (j = 90; j < sizeof headers; j += 91) headers[j] = ',';
    for (i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        onecors_request request = get_from(origins[i]);
        count_for(policy, &request);
        request.path = onecors_str_from("/open/7");
        count_for(policy, &request);
        request.path = onecors_str_from("/app/%2e%2e/open%2f7");
        count_for(policy, &request);
        request = preflight_from(origins[i], "PATCH", "content-type, X-Upper, x-one,,");
        count_for(policy, &request);
        for (j = 0; j <= sizeof headers; j += 500) {
            request.access_control_request_headers = str_of(headers, j);
            count_for(policy, &request);
        }
    }
    onecors_policy_release(policy);
    return 0;
}
