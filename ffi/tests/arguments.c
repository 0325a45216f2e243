/* Null, empty, huge and mistaken arguments: an error code and a denial, and never more. */
#include <stdint.h>

#include "policies.h"

enum { FIELDS = 5 };

static onecors_str *field(onecors_request *request, int number) {
    onecors_str *fields[FIELDS];
    fields[0] = &request->method;
    fields[1] = &request->path;
    fields[2] = &request->origin;
    fields[3] = &request->access_control_request_method;
    fields[4] = &request->access_control_request_headers;
    return fields[number];
}

static void test_versions(void) {
    CHECK(strcmp(onecors_version(), ONECORS_VERSION) == 0);
    CHECK(onecors_abi_version() == ONECORS_ABI_VERSION);
}

static void refuse_document(const char *document, size_t len, uint32_t result, const char *code) {
    onecors_policy *policy = (onecors_policy *)(void *)&len;
    onecors_error *error = (onecors_error *)(void *)&len;
    onecors_str text;
    CHECK(onecors_policy_new(document, len, &policy, &error) == result);
    CHECK(policy == NULL && error != NULL);
    text = onecors_error_text(error);
    CHECK(text.len > 0 && text.data[text.len] == '\0');
    CHECK(same(onecors_problem_code(error, 0), code));
    onecors_error_free(error);
    CHECK(onecors_policy_new(document, len, &policy, NULL) == result);
    CHECK(policy == NULL);
}

static void test_documents(void) {
    onecors_error *error;
    char *huge = malloc(ONECORS_MAX_DOCUMENT_BYTES + 1);
    CHECK(huge != NULL);
    memset(huge, ' ', ONECORS_MAX_DOCUMENT_BYTES + 1);

    refuse_document("", 0, ONECORS_BAD_DOCUMENT, "invalid_json");
    refuse_document(NULL, 0, ONECORS_BAD_DOCUMENT, "invalid_json");
    refuse_document(NULL, 1, ONECORS_BAD_STRING, "");
    refuse_document("{}", SIZE_MAX, ONECORS_BAD_STRING, "");
    refuse_document("{}", (size_t)PTRDIFF_MAX + 1, ONECORS_BAD_STRING, "");
    refuse_document("\xff", 1, ONECORS_BAD_DOCUMENT, "invalid_json");
    refuse_document(huge, ONECORS_MAX_DOCUMENT_BYTES, ONECORS_BAD_DOCUMENT, "invalid_json");
    refuse_document(huge, ONECORS_MAX_DOCUMENT_BYTES + 1, ONECORS_BAD_DOCUMENT,
                    "document_too_large");
    free(huge);

    CHECK(onecors_policy_new("{}", 2, NULL, &error) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_error_text(error).len > 0 && onecors_problem_count(error) == 0);
    onecors_error_free(error);
    CHECK(onecors_policy_new("{}", 2, NULL, NULL) == ONECORS_NULL_ARGUMENT);
}

static void test_problems(void) {
    static const char document[] = "{\"allow_origins\": [\"https://a.example/\"], \"max_age\": -1}";
    onecors_policy *policy;
    onecors_error *error;
    onecors_string *json;
    CHECK(onecors_policy_new(document, strlen(document), &policy, &error) == ONECORS_BAD_DOCUMENT);
    CHECK(onecors_problem_count(error) == 2);
    CHECK(same(onecors_problem_code(error, 0), "trailing_slash"));
    CHECK(same(onecors_problem_pointer(error, 0), "/allow_origins/0"));
    CHECK(same(onecors_problem_help(error, 0), "https://a.example"));
    CHECK(onecors_problem_message(error, 0).len > 0);
    CHECK(onecors_problem_code(error, 2).len == 0);
    CHECK(onecors_problem_message(error, SIZE_MAX).len == 0);
    json = onecors_problems_json(error);
    CHECK(strstr(onecors_string_view(json).data, "\"max_age_out_of_bounds\"") != NULL);
    CHECK(onecors_string_view(json).data[onecors_string_view(json).len] == '\0');
    onecors_error_free(error);
    /* The JSON is the caller's and outlives the error. */
    CHECK(onecors_string_view(json).data[0] == '[');
    onecors_string_free(json);
}

static void refuse_request(const onecors_policy *policy, const onecors_request *request,
                           uint32_t result) {
    uint32_t verdict = 0;
    size_t count = 7;
    onecors_string *explanation = (onecors_string *)(void *)&count;
    CHECK(onecors_decide(policy, request, &verdict) == result);
    CHECK(verdict == ONECORS_VERDICT_FAILED);
    CHECK(onecors_verdict_outcome(verdict) == ONECORS_OUTCOME_ACTUAL_DENIED);
    CHECK(onecors_render(policy, 0, request, NULL, 0, &count) == result && count == 0);
    CHECK(onecors_explain(policy, request, &explanation) == result && explanation == NULL);
    explanation = (onecors_string *)(void *)&count;
    CHECK(onecors_summarize(policy, request, &explanation) == result && explanation == NULL);
    CHECK(onecors_check_origin(policy, request, onecors_str_from("a.example")) == 0);
    CHECK(onecors_nearest_pattern(policy, request) == 0);
}

static void test_null_arguments(const onecors_policy *policy) {
    onecors_request request = get_from("https://app.example.com");
    onecors_header header;
    uint32_t slot;
    size_t count;
    refuse_request(NULL, &request, ONECORS_NULL_ARGUMENT);
    refuse_request(policy, NULL, ONECORS_NULL_ARGUMENT);
    CHECK(onecors_decide(policy, &request, NULL) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_explain(policy, &request, NULL) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_summarize(policy, &request, NULL) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_render(policy, 0, &request, NULL, 0, NULL) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_render(policy, 0, &request, NULL, 1, &count) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_plan_header(NULL, 0, 0, &header, &slot) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_plan_header(policy, 0, 0, NULL, &slot) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_plan_header(policy, 0, 0, &header, NULL) == ONECORS_NULL_ARGUMENT);
    CHECK(onecors_plan_count(NULL) == 0);
    CHECK(onecors_plan_status(NULL, 0) == 0);
    CHECK(onecors_plan_header_count(NULL, 0) == 0);
    CHECK(onecors_plan_vary_count(NULL, 0) == 0);
    CHECK(onecors_plan_vary(NULL, 0, 0).len == 0);
    CHECK(onecors_plans_json(NULL) == NULL);
    CHECK(onecors_problem_count(NULL) == 0);
    CHECK(onecors_problem_pointer(NULL, 0).len == 0);
    CHECK(onecors_problems_json(NULL) == NULL);
    CHECK(same(onecors_error_text(NULL), "") && *onecors_error_text(NULL).data == '\0');
    CHECK(same(onecors_string_view(NULL), "") && *onecors_string_view(NULL).data == '\0');
    CHECK(onecors_policy_retain(NULL) == NULL);
    onecors_policy_release(NULL);
    onecors_error_free(NULL);
    onecors_string_free(NULL);
}

static void test_uniform(const onecors_policy *with_paths) {
    onecors_policy *policy = policy_of(rule_document);
    onecors_request request = get_from("https://app.example.com");
    onecors_uniform uniform;
    CHECK(onecors_policy_uniform(policy, &uniform) == 1);
    CHECK(uniform.count == 1 &&
          same(str_of(uniform.origins, uniform.ends[0]), request.origin.data));
    CHECK(uniform.actual_allowed == decide(policy, &request));
    request.origin.len = ONECORS_ABSENT;
    CHECK(uniform.not_cors == decide(policy, &request));
    request = get_from("https://elsewhere.example");
    CHECK(onecors_verdict_outcome(uniform.actual_denied) == ONECORS_OUTCOME_ACTUAL_DENIED &&
          onecors_verdict_plan(uniform.actual_denied) ==
              onecors_verdict_plan(decide(policy, &request)));
    CHECK(onecors_verdict_outcome(uniform.preflight_denied) == ONECORS_OUTCOME_PREFLIGHT_DENIED);
    CHECK(onecors_policy_uniform(policy, NULL) == 0);
    onecors_policy_release(policy);

    CHECK(onecors_policy_uniform(with_paths, &uniform) == 0);
    CHECK(uniform.count == 0 && uniform.actual_allowed == ONECORS_VERDICT_FAILED);
    CHECK(uniform.preflight_denied == ONECORS_VERDICT_FAILED);
    uniform.count = 1;
    CHECK(onecors_policy_uniform(NULL, &uniform) == 0 && uniform.count == 0);
}

static void test_struct_sizes(const onecors_policy *policy) {
    static const uint32_t sizes[] = {0,
                                     1,
                                     sizeof(onecors_request) - 1,
                                     sizeof(onecors_request) + 1,
                                     2 * sizeof(onecors_request),
                                     UINT32_MAX};
    /* On the heap, so that a sanitizer sees a read behind what struct_size admits to. */
    uint32_t *small = malloc(sizeof *small);
    size_t i;
    CHECK(small != NULL);
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        onecors_request request = get_from("https://app.example.com");
        request.struct_size = sizes[i];
        refuse_request(policy, &request, ONECORS_BAD_STRUCT_SIZE);
    }
    *small = sizeof *small;
    refuse_request(policy, (const onecors_request *)(const void *)small, ONECORS_BAD_STRUCT_SIZE);
    free(small);
}

static void test_bad_strings(const onecors_policy *policy) {
    int i;
    for (i = 0; i < FIELDS; i++) {
        onecors_request request = preflight_from("https://app.example.com", "PUT", "content-type");
        *field(&request, i) = str_of(NULL, 1);
        refuse_request(policy, &request, ONECORS_BAD_STRING);
        *field(&request, i) = str_of("x", (size_t)PTRDIFF_MAX + 1);
        refuse_request(policy, &request, ONECORS_BAD_STRING);
        *field(&request, i) = str_of("x", SIZE_MAX - 1);
        refuse_request(policy, &request, ONECORS_BAD_STRING);
    }
}

static void expect(const onecors_policy *policy, const onecors_request *request, uint32_t outcome,
                   uint32_t reason) {
    uint32_t verdict = decide(policy, request);
    CHECK(onecors_verdict_outcome(verdict) == outcome);
    CHECK(onecors_verdict_reason(verdict) == reason);
    CHECK(onecors_verdict_plan(verdict) < onecors_plan_count(policy));
}

static void test_absent_and_empty(const onecors_policy *policy) {
    onecors_request request = get_from(NULL);
    CHECK(request.origin.len == ONECORS_ABSENT);
    expect(policy, &request, ONECORS_OUTCOME_NOT_CORS, ONECORS_REASON_NONE);
    request.origin = str_of("x", ONECORS_ABSENT);
    expect(policy, &request, ONECORS_OUTCOME_NOT_CORS, ONECORS_REASON_NONE);
    request.origin = str_of(NULL, 0);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    request.origin = onecors_str_from("");
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    /* Where the length is 0 the pointer is not looked at. */
    request.origin = str_of((const char *)(uintptr_t)1, 0);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);

    request = preflight_from("https://app.example.com", "", NULL);
    expect(policy, &request, ONECORS_OUTCOME_PREFLIGHT_DENIED,
           ONECORS_REASON_MALFORMED_REQUEST_METHOD);
    request = preflight_from("https://app.example.com", NULL, NULL);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_ALLOWED, ONECORS_REASON_NONE);
    request = preflight_from("https://app.example.com", "PUT", "");
    expect(policy, &request, ONECORS_OUTCOME_PREFLIGHT_ALLOWED, ONECORS_REASON_NONE);

    memset(&request, 0, sizeof request);
    request.struct_size = sizeof request;
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
}

static void test_check_origin(const onecors_policy *policy) {
    onecors_request request = get_from("https://app.example.com");
    const onecors_str absent = str_of(NULL, ONECORS_ABSENT);
    CHECK(onecors_check_origin(policy, &request, absent) == 1);
    request = get_from(NULL);
    CHECK(onecors_check_origin(policy, &request, absent) == 1);
    request = get_from("https://api.example.com");
    CHECK(onecors_check_origin(policy, &request, absent) == 0);
    CHECK(onecors_check_origin(policy, &request, onecors_str_from("api.example.com")) == 1);
    CHECK(onecors_check_origin(policy, &request, onecors_str_from("api.example.com:8443")) == 0);
    CHECK(onecors_check_origin(policy, &request, str_of("api.example.com", 3)) == 0);
    CHECK(onecors_check_origin(policy, &request, str_of(NULL, 1)) == 0);
    CHECK(onecors_check_origin(policy, &request, str_of("x", (size_t)PTRDIFF_MAX + 1)) == 0);
    request = get_from("");
    CHECK(onecors_check_origin(policy, &request, onecors_str_from("")) == 0);
}

static void test_nearest_pattern(const onecors_policy *policy) {
    onecors_request request = get_from("https://app.example.com");
    const uint64_t covered = onecors_nearest_pattern(policy, &request);
    request = get_from("https://app.example.com:8443");
    const uint64_t port = onecors_nearest_pattern(policy, &request);
    CHECK(covered != 0 && port != 0 && covered != port);
    request = get_from("https://app.example.com:8444");
    CHECK(onecors_nearest_pattern(policy, &request) == port);
    request = get_from("https://stranger.example");
    CHECK(onecors_nearest_pattern(policy, &request) == 0);
    request = get_from(NULL);
    CHECK(onecors_nearest_pattern(policy, &request) == 0);
}

static void test_hostile_bytes(const onecors_policy *policy) {
    static const char nul[] = "https://app.example.com\0.evil.example";
    static const char folded[] = "https://\xe4\x85\xa5pp.example.com";
    const size_t megabytes = 10 << 20;
    char *huge = malloc(megabytes);
    int i;
    onecors_request request = get_from(NULL);
    CHECK(huge != NULL);
    memset(huge, 'a', megabytes);

    request.origin = str_of(nul, sizeof nul - 1);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    request.origin = str_of(nul, strlen(nul) + 1);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    request.origin = str_of(folded, strlen(folded));
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    request.origin = str_of("\xff\xfe", 2);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);
    request.origin = str_of(huge, megabytes);
    expect(policy, &request, ONECORS_OUTCOME_ACTUAL_DENIED, ONECORS_REASON_MALFORMED_ORIGIN);

    request = preflight_from("https://app.example.com", "PUT", NULL);
    request.access_control_request_headers = str_of(huge, 8193);
    expect(policy, &request, ONECORS_OUTCOME_PREFLIGHT_DENIED, ONECORS_REASON_TOO_MANY_HEADERS);
    request.access_control_request_headers = str_of(huge, megabytes);
    expect(policy, &request, ONECORS_OUTCOME_PREFLIGHT_DENIED, ONECORS_REASON_TOO_MANY_HEADERS);
    for (i = 0; i < FIELDS; i++) {
        onecors_string *explanation;
        request = preflight_from("https://app.example.com", "PUT", "content-type");
        *field(&request, i) = str_of(huge, megabytes);
        decide(policy, &request);
        CHECK(onecors_explain(policy, &request, &explanation) == ONECORS_OK);
        /* What is logged about a request is not by the attacker's measure. */
        CHECK(onecors_string_view(explanation).len < 65536);
        onecors_string_free(explanation);
        CHECK(onecors_summarize(policy, &request, &explanation) == ONECORS_OK);
        CHECK(onecors_string_view(explanation).len < 2048);
        onecors_string_free(explanation);
    }
    free(huge);
}

/* One line, with what came in the request escaped. */
static void test_summary(const onecors_policy *policy) {
    onecors_request request = get_from("https://evil.example\n\x1b\"\\");
    onecors_string *summary;
    CHECK(onecors_summarize(policy, &request, &summary) == ONECORS_OK);
    CHECK(strstr(onecors_string_view(summary).data, "(malformed_origin)") != NULL);
    CHECK(strstr(onecors_string_view(summary).data, "https://evil.example") != NULL);
    CHECK(strpbrk(onecors_string_view(summary).data, "\n\x1b") == NULL);
    onecors_string_free(summary);
}

/* A text is unchanged, or in quotes and escaped; what is no text gives NULL. */
static void test_printable(void) {
    const struct {
        onecors_str text;
        const char *printed;
    } texts[] = {
        {onecors_str_from("/rules/0/a \"b\""), "/rules/0/a \"b\""},
        {str_of("", 0), ""},
        {str_of(NULL, 0), ""},
        {str_of("/x\0\x1b\n\xff", 6), "\"/x\\u{0}\\u{1b}\\u{a}\\xff\""},
        {onecors_str_from("\xe2\x80\xae\\"), "\"\\u{202e}\\\\\""},
    };
    size_t i;
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        onecors_string *printed = onecors_printable(texts[i].text);
        CHECK(printed != NULL && strcmp(onecors_string_view(printed).data, texts[i].printed) == 0);
        onecors_string_free(printed);
    }
    CHECK(onecors_printable(str_of(NULL, 1)) == NULL);
    CHECK(onecors_printable(str_of("", SIZE_MAX)) == NULL);
}

static void test_render(const onecors_policy *policy) {
    onecors_request request = get_from("https://app.example.com");
    onecors_header lines[ONECORS_MAX_HEADERS], untouched;
    uint32_t verdict = decide(policy, &request);
    size_t count, needed;
    CHECK(onecors_render(policy, verdict, &request, lines, ONECORS_MAX_HEADERS, &needed) ==
          ONECORS_OK);
    CHECK(needed == 2);
    CHECK(same(lines[0].name, "Access-Control-Allow-Origin"));
    CHECK(same(lines[0].value, "https://app.example.com"));
    CHECK(same(lines[1].name, "Vary") && same(lines[1].value, "Origin"));

    CHECK(onecors_render(policy, verdict, &request, NULL, 0, &count) == ONECORS_BUFFER_TOO_SMALL);
    CHECK(count == needed);
    memset(&untouched, 0x55, sizeof untouched);
    lines[0] = untouched;
    CHECK(onecors_render(policy, verdict, &request, lines, needed - 1, &count) ==
          ONECORS_BUFFER_TOO_SMALL);
    CHECK(count == needed && memcmp(&lines[0], &untouched, sizeof untouched) == 0);

    CHECK(onecors_render(policy, ONECORS_VERDICT_FAILED, &request, lines, ONECORS_MAX_HEADERS,
                         &count) == ONECORS_OUT_OF_RANGE);
    CHECK(count == 0);
}

/* An echoed value is the request's own bytes, and a fixed one the policy's: nothing is copied. */
static void test_lines_are_borrowed(const onecors_policy *policy) {
    onecors_request request = preflight_from("https://a.tenant.example.org", "PUT", "x-one, x-two");
    onecors_header first[ONECORS_MAX_HEADERS], second[ONECORS_MAX_HEADERS];
    uint32_t verdict = decide(policy, &request);
    size_t i, count;
    CHECK(onecors_render(policy, verdict, &request, first, ONECORS_MAX_HEADERS, &count) ==
          ONECORS_OK);
    CHECK(onecors_render(policy, verdict, &request, second, ONECORS_MAX_HEADERS, &count) ==
          ONECORS_OK);
    CHECK(count > 4);
    for (i = 0; i < count; i++) {
        CHECK(first[i].name.data == second[i].name.data);
        CHECK(first[i].value.data == second[i].value.data);
    }
    CHECK(first[0].value.data == request.origin.data);
    CHECK(first[2].value.data == request.access_control_request_method.data);
    CHECK(first[3].value.data == request.access_control_request_headers.data);
}

static void test_owned(void) {
    static const char *const owned[] = {"Access-Control-Allow-Origin",
                                        "access-control-allow-anything",
                                        "ACCESS-CONTROL-EXPOSE-HEADERS", "Access-Control-Max-Age"};
    static const char *const others[] = {"", "Vary", "Access-Control-Request-Method",
                                         "Access-Control-Max-Age-X",
                                         "X-Access-Control-Allow-Origin"};
    size_t i;
    for (i = 0; i < sizeof owned / sizeof owned[0]; i++) {
        CHECK(onecors_is_owned(onecors_str_from(owned[i])) == 1);
    }
    for (i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK(onecors_is_owned(onecors_str_from(others[i])) == 0);
    }
    /* The length counts, and no NUL. */
    CHECK(onecors_is_owned(str_of("Access-Control-Max-Age-X", 22)) == 1);
    CHECK(onecors_is_owned(str_of(NULL, 1)) == 1);
    CHECK(onecors_is_owned(str_of(NULL, ONECORS_ABSENT)) == 1);
}

static void expect_vary(const onecors_policy *policy, const onecors_str *lines, size_t count,
                        const char *expected) {
    onecors_request request = get_from("https://app.example.com");
    size_t plan = onecors_verdict_plan(decide(policy, &request));
    onecors_string *merged = (onecors_string *)(void *)&plan;
    CHECK(onecors_merge_vary(policy, plan, lines, count, &merged) == ONECORS_OK);
    CHECK((merged != NULL) == (expected != NULL));
    if (merged != NULL) {
        CHECK(same(onecors_string_view(merged), expected));
        CHECK(onecors_string_view(merged).data[strlen(expected)] == '\0');
    }
    onecors_string_free(merged);
}

static void refuse_vary(const onecors_policy *policy, size_t plan, const onecors_str *lines,
                        size_t count, uint32_t result) {
    onecors_string *merged = (onecors_string *)(void *)&plan;
    CHECK(onecors_merge_vary(policy, plan, lines, count, &merged) == result);
    CHECK(merged == NULL);
}

static void test_vary(const onecors_policy *policy) {
    onecors_str lines[2];
    expect_vary(policy, NULL, 0, "Origin");
    lines[0] = onecors_str_from("Accept,Cookie");
    lines[1] = onecors_str_from("\xff");
    expect_vary(policy, lines, 2, "Accept,Cookie, \xff, Origin");
    lines[1] = str_of(NULL, 0);
    expect_vary(policy, lines, 2, "Accept,Cookie, Origin");
    lines[1] = onecors_str_from("a,\torigin ,b");
    expect_vary(policy, lines, 2, NULL);
    lines[1] = onecors_str_from("*");
    expect_vary(policy, lines, 2, NULL);

    lines[1] = str_of(NULL, 1);
    refuse_vary(policy, 0, lines, 2, ONECORS_BAD_STRING);
    lines[1] = onecors_str_from(NULL);
    refuse_vary(policy, 0, lines, 2, ONECORS_BAD_STRING);
    refuse_vary(policy, 0, lines, SIZE_MAX, ONECORS_BAD_STRING);
    refuse_vary(policy, 0, lines, PTRDIFF_MAX / sizeof lines[0] + 1, ONECORS_BAD_STRING);
    refuse_vary(policy, 0, NULL, 1, ONECORS_NULL_ARGUMENT);
    refuse_vary(NULL, 0, lines, 1, ONECORS_NULL_ARGUMENT);
    refuse_vary(policy, onecors_plan_count(policy), lines, 1, ONECORS_OUT_OF_RANGE);
    CHECK(onecors_merge_vary(policy, 0, lines, 1, NULL) == ONECORS_NULL_ARGUMENT);
}

static void test_plans(const onecors_policy *policy) {
    size_t count = onecors_plan_count(policy);
    onecors_string *json = onecors_plans_json(policy);
    onecors_header header;
    uint32_t slot = 7;
    CHECK(count > 0 && count < 0xFFFF);
    CHECK(onecors_string_view(json).data[0] == '[');
    onecors_string_free(json);
    CHECK(onecors_plan_status(policy, count) == 0);
    CHECK(onecors_plan_header_count(policy, SIZE_MAX) == 0);
    CHECK(onecors_plan_vary_count(policy, count) == 0);
    CHECK(onecors_plan_vary(policy, 0, SIZE_MAX).len == 0);
    CHECK(onecors_plan_header(policy, count, 0, &header, &slot) == ONECORS_OUT_OF_RANGE);
    CHECK(header.name.len == 0 && header.value.len == 0 && slot == ONECORS_SLOT_NONE);
    CHECK(onecors_plan_header(policy, 0, SIZE_MAX, &header, &slot) == ONECORS_OUT_OF_RANGE);
}

static void test_numbers_without_a_name(void) {
    static const uint32_t results[] = {ONECORS_OK,
                                       ONECORS_BAD_DOCUMENT,
                                       ONECORS_NULL_ARGUMENT,
                                       ONECORS_BAD_STRING,
                                       ONECORS_BAD_STRUCT_SIZE,
                                       ONECORS_OUT_OF_RANGE,
                                       ONECORS_BUFFER_TOO_SMALL,
                                       ONECORS_PANIC,
                                       UINT32_MAX};
    size_t i;
    CHECK(same(onecors_outcome_code(ONECORS_OUTCOME_UNGOVERNED), "ungoverned"));
    CHECK(onecors_outcome_code(6).len == 0);
    CHECK(onecors_outcome_code(256).len == 0);
    CHECK(onecors_reason_code(ONECORS_REASON_NONE).len == 0);
    CHECK(onecors_reason_code(8).len == 0);
    CHECK(onecors_reason_code(257).len == 0);
    for (i = 0; i < sizeof results / sizeof results[0]; i++) {
        onecors_str text = onecors_result_text(results[i]);
        CHECK(text.len > 0 && strlen(text.data) == text.len);
    }
}

static void test_references(void) {
    onecors_policy *policy = policy_of(rule_document);
    onecors_policy *again = onecors_policy_retain(policy);
    onecors_request request = get_from("https://app.example.com");
    CHECK(again == policy);
    onecors_policy_release(policy);
    expect(again, &request, ONECORS_OUTCOME_ACTUAL_ALLOWED, ONECORS_REASON_NONE);
    onecors_policy_release(again);
}

int main(void) {
    onecors_policy *rule = policy_of(rule_document);
    onecors_policy *rules = policy_of(rules_document);
    test_versions();
    test_documents();
    test_problems();
    test_null_arguments(rule);
    test_uniform(rules);
    test_struct_sizes(rule);
    test_bad_strings(rule);
    test_absent_and_empty(rule);
    test_check_origin(rule);
    test_nearest_pattern(rule);
    test_hostile_bytes(rule);
    test_hostile_bytes(rules);
    test_summary(rule);
    test_printable();
    test_render(rule);
    test_lines_are_borrowed(rules);
    test_owned();
    test_vary(rule);
    test_plans(rules);
    test_numbers_without_a_name();
    test_references();
    onecors_policy_release(rule);
    onecors_policy_release(rules);
    return 0;
}
