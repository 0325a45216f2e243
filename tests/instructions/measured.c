// onecors_decide, as a program in C calls it. Each argument names a case: see `guard`.

#include <onecors.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_REQUESTS 1024

void marks_begin(void);
void marks_end(void);

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    const size_t size = (size_t)ftell(file);
    char *text = calloc(size + 1, 1);
    rewind(file);
    if (text == NULL || fread(text, 1, size, file) != size) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    return text;
}

/// Cuts the text at a letter: gives what is before it, and moves on to what is behind.
static char *next(char **rest, char letter) {
    char *start = *rest;
    char *found = strchr(start, letter);
    if (found == NULL) {
        *rest = start + strlen(start);
    } else {
        *found = '\0';
        *rest = found + 1;
    }
    return start;
}

/// A field of a line; one that is empty is absent.
static onecors_str field(char **line) {
    const char *text = next(line, '\t');
    return onecors_str_from(*text == '\0' ? NULL : text);
}

static onecors_request read_request(char *line) {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = field(&line);
    request.path = field(&line);
    request.origin = field(&line);
    request.access_control_request_method = field(&line);
    request.access_control_request_headers = field(&line);
    return request;
}

static void decide_all(const onecors_policy *policy, const onecors_request *requests,
                       size_t count) {
    for (size_t i = 0; i < count; ++i) {
        uint32_t verdict = ONECORS_VERDICT_FAILED;
        if (onecors_decide(policy, &requests[i], &verdict) != ONECORS_OK) {
            fputs("onecors_decide failed\n", stderr);
            exit(EXIT_FAILURE);
        }
    }
}

static void measure(const char *path) {
    char *text = read_file(path);
    char *rest = text;
    char *document = read_file(next(&rest, '\n'));
    onecors_policy *policy = NULL;
    onecors_error *error = NULL;
    if (onecors_policy_new(document, strlen(document), &policy, &error) != ONECORS_OK) {
        fprintf(stderr, "%s\n", onecors_error_text(error).data);
        exit(EXIT_FAILURE);
    }
    static onecors_request requests[MAX_REQUESTS];
    size_t count = 0;
    while (*rest != '\0' && count < MAX_REQUESTS) {
        requests[count++] = read_request(next(&rest, '\n'));
    }
    decide_all(policy, requests, count);
    marks_begin();
    decide_all(policy, requests, count);
    marks_end();
    onecors_policy_release(policy);
    free(document);
    free(text);
}

int main(int count, char **cases) {
    for (int i = 1; i < count; ++i) {
        measure(cases[i]);
    }
    return EXIT_SUCCESS;
}
