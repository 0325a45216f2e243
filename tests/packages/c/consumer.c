/* Uses the installed C library as a service would. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <onecors.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a policy file, and no more of it than shows that it is too large; NULL with errno set. */
static char *read_policy(const char *path, size_t *len) {
    const size_t room = (size_t)ONECORS_MAX_DOCUMENT_BYTES + 1;
    FILE *file = fopen(path, "rb");
    char *document = file != NULL ? malloc(room) : NULL;
    int failure = errno;
    if (document != NULL) {
        *len = fread(document, 1, room, file);
        failure = errno;
        if (ferror(file)) {
            free(document);
            document = NULL;
        }
    }
    if (file != NULL) fclose(file);
    errno = failure;
    return document;
}

static onecors_policy *load(const char *path, onecors_error **error) {
    onecors_policy *policy;
    size_t len;
    char *document = read_policy(path, &len);
    if (document == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    if (onecors_policy_new(document, len, &policy, error) != ONECORS_OK && *error == NULL) exit(1);
    free(document);
    return policy;
}

static const char *or_dash(onecors_str code, char *room, size_t size) {
    snprintf(room, size, "%.*s", (int)code.len, code.data);
    return code.len > 0 ? room : "-";
}

static void decide(const onecors_policy *policy, const char *method, const char *path,
                   const char *origin, const char *asked_method, const char *asked_headers) {
    onecors_request request = ONECORS_REQUEST_INIT;
    onecors_header lines[ONECORS_MAX_HEADERS];
    char outcome[64], reason[64], status[16] = "-";
    uint32_t verdict, number;
    size_t i, count;

    request.method = onecors_str_from(method);
    request.path = onecors_str_from(path);
    request.origin = onecors_str_from(origin);
    request.access_control_request_method = onecors_str_from(asked_method);
    request.access_control_request_headers = onecors_str_from(asked_headers);
    if (onecors_decide(policy, &request, &verdict) != ONECORS_OK) exit(1);
    if (onecors_render(policy, verdict, &request, lines, ONECORS_MAX_HEADERS, &count) != ONECORS_OK)
        exit(1);

    number = onecors_plan_status(policy, onecors_verdict_plan(verdict));
    if (number != 0) snprintf(status, sizeof status, "%u", (unsigned)number);
    printf("%s %s: %s %s %s\n", method, path,
           or_dash(onecors_outcome_code(onecors_verdict_outcome(verdict)), outcome, sizeof outcome),
           or_dash(onecors_reason_code(onecors_verdict_reason(verdict)), reason, sizeof reason),
           status);
    for (i = 0; i < count; i++) {
        printf("  %.*s: %.*s\n", (int)lines[i].name.len, lines[i].name.data,
               (int)lines[i].value.len, lines[i].value.data);
    }
}

/* Whether the library, or the program that holds it, is from the clean place. */
static int from_the_clean_place(void) {
    Dl_info info;
    const char *clean = getenv("CLEAN");
    void *function;
    const char *(*version)(void) = onecors_version;
    memcpy(&function, &version, sizeof function);
    return clean != NULL && dladdr(function, &info) != 0 &&
           strncmp(info.dli_fname, clean, strlen(clean)) == 0;
}

int main(void) {
    const char *app = "https://app.lantern.example";
    const char *shop = "https://northwind.shops.lantern.example";
    onecors_error *error;
    size_t i;
    onecors_policy *policy = load("policy.json", &error);
    if (policy == NULL) {
        fprintf(stderr, "%s\n", onecors_error_text(error).data);
        return 1;
    }
    decide(policy, "GET", "/orders/7", app, NULL, NULL);
    decide(policy, "OPTIONS", "/orders/7", shop, "PUT", "content-type");
    decide(policy, "OPTIONS", "/orders/7", shop, "PUT", "x-debug");
    decide(policy, "GET", "/orders/7", "https://app.lantern.example.reader.example", NULL, NULL);
    decide(policy, "GET", "/catalogue/9780140328721", NULL, NULL, NULL);
    decide(policy, "GET", "/healthz", app, NULL, NULL);
    onecors_policy_release(policy);

    if (load("bad.json", &error) != NULL) return 1;
    for (i = 0; i < onecors_problem_count(error); i++) {
        onecors_str pointer = onecors_problem_pointer(error, i);
        onecors_str code = onecors_problem_code(error, i);
        printf("%.*s: %.*s\n", (int)pointer.len, pointer.data, (int)code.len, code.data);
    }
    onecors_error_free(error);
    if (from_the_clean_place()) puts("loaded from the clean place");
    return 0;
}
