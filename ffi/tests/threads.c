/* Eight threads decide with one policy while its references come and go, and all agree. */
#include <pthread.h>

#include "policies.h"

enum { THREADS = 8, ROUNDS = 500, REQUESTS = 5 };

typedef struct job {
    pthread_t thread;
    const onecors_policy *policy;
    const onecors_request *requests;
    const uint32_t *verdicts;
} job;

static void *work(void *argument) {
    const job *mine = argument;
    int round, i;
    for (round = 0; round < ROUNDS; round++) {
        onecors_policy *policy = onecors_policy_retain(mine->policy);
        for (i = 0; i < REQUESTS; i++) {
            onecors_header lines[ONECORS_MAX_HEADERS];
            size_t count;
            uint32_t verdict = decide(policy, &mine->requests[i]);
            CHECK(verdict == mine->verdicts[i]);
            CHECK(onecors_render(policy, verdict, &mine->requests[i], lines, ONECORS_MAX_HEADERS,
                                 &count) == ONECORS_OK);
        }
        if (round % 100 == 0) {
            onecors_string *explanation;
            CHECK(onecors_explain(policy, &mine->requests[0], &explanation) == ONECORS_OK);
            onecors_string_free(explanation);
        }
        onecors_policy_release(policy);
    }
    return NULL;
}

int main(void) {
    onecors_policy *policy = policy_of(rules_document);
    onecors_request requests[REQUESTS];
    uint32_t verdicts[REQUESTS];
    job jobs[THREADS];
    int i;
    requests[0] = get_from("https://app.example.com");
    requests[1] = get_from("https://a.b.tenant.example.org");
    requests[2] = get_from("https://web-17.ci.example.net");
    requests[3] = get_from("https://evil.example");
    requests[4] = preflight_from("https://pr-8.preview.example.net", "PATCH", "x-one, x-two");
    for (i = 0; i < REQUESTS; i++) verdicts[i] = decide(policy, &requests[i]);
    CHECK(onecors_verdict_outcome(verdicts[2]) == ONECORS_OUTCOME_ACTUAL_ALLOWED);
    CHECK(onecors_verdict_outcome(verdicts[3]) == ONECORS_OUTCOME_ACTUAL_DENIED);
    CHECK(onecors_verdict_outcome(verdicts[4]) == ONECORS_OUTCOME_PREFLIGHT_ALLOWED);

    for (i = 0; i < THREADS; i++) {
        jobs[i].policy = policy;
        jobs[i].requests = requests;
        jobs[i].verdicts = verdicts;
        CHECK(pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(jobs[i].thread, NULL) == 0);
    onecors_policy_release(policy);
    return 0;
}
