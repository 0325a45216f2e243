/*
 * A panic in the engine is caught by every function, beside another Rust library in the same
 * program. Linked with the static library that has the panic probe.
 */
#include "policies.h"

void onecors_panic_probe(uint32_t armed);
int neighbour_catches_a_panic(void);

static void test_policy_new(void) {
    onecors_policy *policy = (onecors_policy *)(void *)&policy;
    onecors_error *error;
    CHECK(onecors_policy_new("{}", 2, &policy, &error) == ONECORS_PANIC);
    CHECK(policy == NULL && error != NULL);
    onecors_panic_probe(0);
    CHECK(strstr(onecors_error_text(error).data, "the panic probe is armed") != NULL);
    CHECK(onecors_problem_count(error) == 0);
    onecors_panic_probe(1);
    /* What is handed over to be freed is freed, panic or not. */
    onecors_error_free(error);
    CHECK(onecors_policy_new("{}", 2, &policy, NULL) == ONECORS_PANIC);
}

static void test_requests(const onecors_policy *policy, const onecors_request *request) {
    onecors_header lines[ONECORS_MAX_HEADERS];
    onecors_string *explanation = (onecors_string *)(void *)lines;
    size_t count = 7;
    uint32_t verdict = 0;
    CHECK(onecors_decide(policy, request, &verdict) == ONECORS_PANIC);
    CHECK(verdict == ONECORS_VERDICT_FAILED);
    CHECK(onecors_render(policy, 0, request, lines, ONECORS_MAX_HEADERS, &count) == ONECORS_PANIC);
    CHECK(count == 0);
    CHECK(onecors_explain(policy, request, &explanation) == ONECORS_PANIC);
    CHECK(explanation == NULL);
    explanation = (onecors_string *)(void *)lines;
    CHECK(onecors_summarize(policy, request, &explanation) == ONECORS_PANIC);
    CHECK(explanation == NULL);
    CHECK(onecors_check_origin(policy, request, onecors_str_from("a.example")) == 0);
    CHECK(onecors_nearest_pattern(policy, request) == 0);
    CHECK(onecors_printable(onecors_str_from("a")) == NULL);
}

static void test_plans(const onecors_policy *policy) {
    onecors_header header;
    uint32_t slot = 7;
    onecors_uniform uniform;
    onecors_string *merged = (onecors_string *)(void *)&slot;
    CHECK(onecors_is_owned(onecors_str_from("Vary")) == 1);
    CHECK(onecors_merge_vary(policy, 0, NULL, 0, &merged) == ONECORS_PANIC && merged == NULL);
    CHECK(onecors_policy_uniform(policy, &uniform) == 0 && uniform.count == 0);
    CHECK(onecors_plan_count(policy) == 0);
    CHECK(onecors_plan_status(policy, 0) == 0);
    CHECK(onecors_plan_header_count(policy, 0) == 0);
    CHECK(onecors_plan_header(policy, 0, 0, &header, &slot) == ONECORS_PANIC);
    CHECK(header.name.len == 0 && slot == ONECORS_SLOT_NONE);
    CHECK(onecors_plan_vary_count(policy, 0) == 0);
    CHECK(onecors_plan_vary(policy, 0, 0).len == 0);
    CHECK(onecors_plans_json(policy) == NULL);
    CHECK(onecors_outcome_code(0).len == 0);
    CHECK(onecors_reason_code(1).len == 0);
}

static void test_errors(const onecors_error *error) {
    CHECK(onecors_error_text(error).len == 0);
    CHECK(onecors_problem_count(error) == 0);
    CHECK(onecors_problem_code(error, 0).len == 0);
    CHECK(onecors_problems_json(error) == NULL);
}

int main(void) {
    onecors_policy *policy = policy_of(rule_document), *none;
    onecors_request request = get_from("https://app.example.com");
    uint32_t verdict = decide(policy, &request);
    onecors_string *json = onecors_plans_json(policy);
    onecors_error *error;
    CHECK(onecors_policy_new("{}", 2, &none, &error) == ONECORS_BAD_DOCUMENT);

    onecors_panic_probe(1);
    test_policy_new();
    test_requests(policy, &request);
    test_plans(policy);
    test_errors(error);
    CHECK(onecors_string_view(json).len == 0);
    CHECK(onecors_policy_retain(policy) == NULL);
    onecors_policy_release(policy);
    onecors_error_free(error);
    onecors_string_free(json);
    CHECK(neighbour_catches_a_panic());
    onecors_panic_probe(0);

    /* The policy is as it was: the call that panicked did not even give up its reference. */
    CHECK(decide(policy, &request) == verdict);
    onecors_policy_release(policy);
    return 0;
}
