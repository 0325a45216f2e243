/*
 * Runs the conformance vectors through onecors.h: conformance DIRECTORY [EVERY]
 *
 * The format is described in DIRECTORY/README.md. Anything in a file that this program does not
 * know is a failure, for a case that is misread is a case that is not run.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onecors.h"

static size_t run, passed, left_out, every = 1;

/* Where we are, for messages. */
static const char *file_name;
static const char *group_name;
static const char *case_name;

static void die(const char *format, ...) {
    va_list arguments;
    printf("%s: %s: %s: ", file_name, group_name, case_name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    exit(1);
}

/* Reading the files: what is not as it should be ends the run. */

static void only_keys(json_t *object, const char *keys) {
    const char *key;
    json_t *value;
    if (!json_is_object(object)) die("not an object");
    json_object_foreach(object, key, value) {
        char spaced[64];
        snprintf(spaced, sizeof spaced, " %s ", key);
        if (strstr(keys, spaced) == NULL) die("unknown field \"%s\"", key);
    }
}

static json_t *array_of(json_t *object, const char *key) {
    json_t *array = json_object_get(object, key);
    if (!json_is_array(array)) die("\"%s\" is not a list", key);
    return array;
}

static const char *string_of(json_t *object, const char *key) {
    json_t *string = json_object_get(object, key);
    if (!json_is_string(string)) die("\"%s\" is not a string", key);
    return json_string_value(string);
}

typedef struct bytes {
    char *data;
    size_t len;
} bytes;

static bytes allocate(size_t len) {
    bytes made;
    made.len = len;
    made.data = malloc(len + 1);
    if (made.data == NULL) die("out of memory");
    made.data[len] = '\0';
    return made;
}

static bytes copy_of(const char *data, size_t len) {
    bytes made = allocate(len);
    memcpy(made.data, data, len);
    return made;
}

static bytes from_hex(const char *hex) {
    size_t i, len = strlen(hex) / 2;
    bytes made = allocate(len);
    if (strlen(hex) % 2 != 0) die("an odd number of hexadecimal digits");
    for (i = 0; i < len; i++) {
        unsigned int byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) die("not hexadecimal: %s", hex);
        made.data[i] = (char)byte;
    }
    return made;
}

static bytes repeated(bytes unit, size_t count) {
    bytes made = allocate(unit.len * count);
    size_t filled = unit.len < made.len ? unit.len : made.len;
    memcpy(made.data, unit.data, filled);
    /* Doubling keeps megabytes quick, under valgrind too. */
    while (filled < made.len) {
        size_t step = filled < made.len - filled ? filled : made.len - filled;
        memcpy(made.data + filled, made.data, step);
        filled += step;
    }
    free(unit.data);
    return made;
}

/* A string, {"hex"}, {"concat"} or {"repeat", "count"}. */
static bytes bytes_of(json_t *value) {
    json_t *part;
    if (json_is_string(value)) return copy_of(json_string_value(value), json_string_length(value));
    if (json_object_get(value, "hex") != NULL) {
        only_keys(value, " hex ");
        return from_hex(string_of(value, "hex"));
    }
    if (json_object_get(value, "concat") != NULL) {
        size_t i;
        bytes made = allocate(0);
        only_keys(value, " concat ");
        json_array_foreach(array_of(value, "concat"), i, part) {
            bytes next = bytes_of(part);
            bytes joined = allocate(made.len + next.len);
            memcpy(joined.data, made.data, made.len);
            memcpy(joined.data + made.len, next.data, next.len);
            free(made.data);
            free(next.data);
            made = joined;
        }
        return made;
    }
    part = json_object_get(value, "repeat");
    if (part == NULL || !json_is_integer(json_object_get(value, "count"))) die("unknown form");
    only_keys(value, " repeat count ");
    return repeated(bytes_of(part), (size_t)json_integer_value(json_object_get(value, "count")));
}

static bytes text_of_json(json_t *document) {
    char *text = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    bytes made;
    if (text == NULL) die("jansson cannot write the document");
    made.data = text;
    made.len = strlen(text);
    return made;
}

/* Comparing. */

static int complain(const char *what, const char *expected, onecors_str got) {
    printf("FAIL %s: %s: %s: %s should be \"%s\" and is \"%.*s\"\n", file_name, group_name,
           case_name, what, expected, (int)got.len, got.data);
    return 0;
}

static int complain_number(const char *what, size_t expected, size_t got) {
    printf("FAIL %s: %s: %s: %s should be %zu and is %zu\n", file_name, group_name, case_name, what,
           expected, got);
    return 0;
}

static int equal(onecors_str left, const char *data, size_t len) {
    return left.len == len && memcmp(left.data, data, len) == 0;
}

static int check_text(const char *what, json_t *expected, onecors_str got) {
    const char *text = json_is_null(expected) ? "" : json_string_value(expected);
    if (text == NULL) die("%s is neither a string nor null", what);
    return equal(got, text, strlen(text)) || complain(what, text, got);
}

/* Decisions. */

static const struct {
    const char *key;
    size_t offset;
} request_fields[] = {
    {"method", offsetof(onecors_request, method)},
    {"path", offsetof(onecors_request, path)},
    {"origin", offsetof(onecors_request, origin)},
    {"access_control_request_method", offsetof(onecors_request, access_control_request_method)},
    {"access_control_request_headers", offsetof(onecors_request, access_control_request_headers)},
};
enum { FIELDS = sizeof request_fields / sizeof request_fields[0] };

static onecors_str *field_of(onecors_request *request, size_t field) {
    return (onecors_str *)(void *)((char *)request + request_fields[field].offset);
}

static onecors_request request_of(json_t *from, bytes storage[FIELDS]) {
    size_t i;
    onecors_request request = ONECORS_REQUEST_INIT;
    only_keys(from,
              " method path origin access_control_request_method access_control_request_headers ");
    for (i = 0; i < FIELDS; i++) {
        json_t *value = json_object_get(from, request_fields[i].key);
        storage[i].data = NULL;
        if (value != NULL) {
            storage[i] = bytes_of(value);
            field_of(&request, i)->data = storage[i].data;
            field_of(&request, i)->len = storage[i].len;
        }
    }
    return request;
}

static int check_lines(json_t *expected, const onecors_header *lines, size_t count) {
    size_t i;
    json_t *pair;
    if (json_array_size(expected) != count) {
        return complain_number("the number of header lines", json_array_size(expected), count);
    }
    json_array_foreach(expected, i, pair) {
        bytes name, value;
        int good;
        if (json_array_size(pair) != 2) die("a header line is a name and a value");
        name = bytes_of(json_array_get(pair, 0));
        value = bytes_of(json_array_get(pair, 1));
        good = (equal(lines[i].name, name.data, name.len) ||
                complain("a header's name", name.data, lines[i].name)) &&
               (equal(lines[i].value, value.data, value.len) ||
                complain(name.data, value.data, lines[i].value));
        free(name.data);
        free(value.data);
        if (!good) return 0;
    }
    return 1;
}

/* What a host makes of the table of plans must be what onecors_render writes. */
static int check_table(const onecors_policy *policy, size_t plan, onecors_request *request,
                       const onecors_header *lines, size_t count) {
    size_t i;
    size_t header_count = onecors_plan_header_count(policy, plan);
    size_t vary_count = onecors_plan_vary_count(policy, plan);
    char vary[256] = "";
    if (header_count + (vary_count > 0) != count) {
        return complain_number("the number of lines in the plan", count,
                               header_count + (vary_count > 0));
    }
    for (i = 0; i < header_count; i++) {
        onecors_header header;
        uint32_t slot;
        if (onecors_plan_header(policy, plan, i, &header, &slot) != ONECORS_OK) {
            return complain_number("a header of the plan", i, header_count);
        }
        if (slot == ONECORS_SLOT_ORIGIN) header.value = request->origin;
        if (slot == ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD)
            header.value = request->access_control_request_method;
        if (slot == ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS)
            header.value = request->access_control_request_headers;
        if (!equal(header.name, lines[i].name.data, lines[i].name.len) ||
            !equal(header.value, lines[i].value.data, lines[i].value.len)) {
            return complain("a header of the plan", "as it is rendered", header.value);
        }
    }
    for (i = 0; i < vary_count; i++) {
        onecors_str token = onecors_plan_vary(policy, plan, i);
        snprintf(vary + strlen(vary), sizeof vary - strlen(vary), "%s%.*s", i > 0 ? ", " : "",
                 (int)token.len, token.data);
    }
    return vary_count == 0 || equal(lines[count - 1].value, vary, strlen(vary)) ||
           complain("Vary", vary, lines[count - 1].value);
}

static int check_explanation(const onecors_policy *policy, const onecors_request *request,
                             json_t *outcome) {
    onecors_string *explanation;
    onecors_str text;
    json_t *story;
    int good;
    if (onecors_explain(policy, request, &explanation) != ONECORS_OK) die("explain failed");
    text = onecors_string_view(explanation);
    story = json_loadb(text.data, text.len, JSON_ALLOW_NUL, NULL);
    good = json_equal(json_object_get(story, "outcome"), outcome) ||
           complain("the outcome that is explained", json_string_value(outcome), text);
    json_decref(story);
    onecors_string_free(explanation);
    return good;
}

static int decide_case(const onecors_policy *policy, json_t *entry) {
    json_t *expect = json_object_get(entry, "expect");
    json_t *status = json_object_get(expect, "status");
    bytes storage[FIELDS];
    onecors_request request = request_of(json_object_get(entry, "request"), storage);
    onecors_header lines[ONECORS_MAX_HEADERS];
    size_t i, plan, count, expected_status;
    uint32_t verdict;
    int good;

    only_keys(entry, " name source request expect ");
    only_keys(expect, " outcome reason status headers ");
    if (!json_is_integer(status) && !json_is_null(status)) die("status is no number");
    if (onecors_decide(policy, &request, &verdict) != ONECORS_OK) die("decide failed");
    if (onecors_render(policy, verdict, &request, lines, ONECORS_MAX_HEADERS, &count) != ONECORS_OK)
        die("render failed");
    plan = onecors_verdict_plan(verdict);
    expected_status = json_is_null(status) ? 0 : (size_t)json_integer_value(status);

    good = check_text("the outcome", json_object_get(expect, "outcome"),
                      onecors_outcome_code(onecors_verdict_outcome(verdict))) &&
           check_text("the reason", json_object_get(expect, "reason"),
                      onecors_reason_code(onecors_verdict_reason(verdict))) &&
           (expected_status == onecors_plan_status(policy, plan) ||
            complain_number("the status", expected_status, onecors_plan_status(policy, plan))) &&
           check_lines(array_of(expect, "headers"), lines, count) &&
           check_table(policy, plan, &request, lines, count) &&
           check_explanation(policy, &request, json_object_get(expect, "outcome"));
    for (i = 0; i < FIELDS; i++) free(storage[i].data);
    return good;
}

/* With EVERY, one case in so many is run. */
static int is_left_out(void) {
    const int is_run = (run + left_out) % every == 0;
    left_out += !is_run;
    return !is_run;
}

static void decide_group(json_t *group) {
    bytes document = text_of_json(json_object_get(group, "policy"));
    onecors_policy *policy;
    onecors_error *error;
    json_t *entry;
    size_t i;

    group_name = string_of(group, "name");
    only_keys(group, " name policy cases ");
    if (onecors_policy_new(document.data, document.len, &policy, &error) != ONECORS_OK) {
        die("%s", onecors_error_text(error).data);
    }
    free(document.data);
    json_array_foreach(array_of(group, "cases"), i, entry) {
        case_name = string_of(entry, "name");
        string_of(entry, "source");
        if (is_left_out()) continue;
        run++;
        passed += (size_t)decide_case(policy, entry);
    }
    onecors_policy_release(policy);
}

static void decide_file(json_t *root) {
    json_t *group;
    size_t i;
    only_keys(root, " description groups ");
    json_array_foreach(array_of(root, "groups"), i, group) {
        decide_group(group);
    }
}

/* Documents. */

typedef struct problem {
    onecors_str pointer, code, help;
} problem;

static int compare_strings(onecors_str left, onecors_str right) {
    size_t len = left.len < right.len ? left.len : right.len;
    int order = memcmp(left.data, right.data, len);
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int compare_problems(const void *left_pointer, const void *right_pointer) {
    const problem *left = left_pointer;
    const problem *right = right_pointer;
    int order = compare_strings(left->pointer, right->pointer);
    return order != 0 ? order : compare_strings(left->code, right->code);
}

static onecors_str view_of(json_t *string) {
    onecors_str view;
    view.data = json_string_value(string);
    view.len = json_string_length(string);
    return view;
}

static int check_problems(json_t *expected, const onecors_error *error) {
    size_t i, count = onecors_problem_count(error);
    size_t expected_count = json_array_size(expected);
    problem *want = calloc(expected_count + 1, sizeof *want);
    problem *got = calloc(count + 1, sizeof *got);
    int good =
        expected_count == count || complain_number("the number of problems", expected_count, count);
    if (want == NULL || got == NULL) die("out of memory");
    for (i = 0; i < expected_count; i++) {
        json_t *entry = json_array_get(expected, i);
        only_keys(entry, " code pointer help ");
        string_of(entry, "code");
        string_of(entry, "pointer");
        want[i].code = view_of(json_object_get(entry, "code"));
        want[i].pointer = view_of(json_object_get(entry, "pointer"));
        want[i].help = view_of(json_object_get(entry, "help"));
    }
    for (i = 0; i < count; i++) {
        got[i].code = onecors_problem_code(error, i);
        got[i].pointer = onecors_problem_pointer(error, i);
        got[i].help = onecors_problem_help(error, i);
    }
    qsort(want, expected_count, sizeof *want, compare_problems);
    qsort(got, count, sizeof *got, compare_problems);
    for (i = 0; good && i < count; i++) {
        good = (compare_strings(want[i].pointer, got[i].pointer) == 0 ||
                complain("a pointer", want[i].pointer.data, got[i].pointer)) &&
               (compare_strings(want[i].code, got[i].code) == 0 ||
                complain("a code", want[i].code.data, got[i].code)) &&
               (want[i].help.data == NULL || compare_strings(want[i].help, got[i].help) == 0 ||
                complain("help", want[i].help.data, got[i].help));
    }
    if (!good && error != NULL) printf("  %s\n", onecors_error_text(error).data);
    free(want);
    free(got);
    return good;
}

static int document_case(json_t *entry) {
    json_t *text = json_object_get(entry, "text");
    json_t *document = json_object_get(entry, "document");
    json_t *expected = json_object_get(entry, "problems");
    onecors_policy *policy;
    onecors_error *error;
    bytes source;
    uint32_t result;
    int good;

    only_keys(entry, " name source document text problems ");
    if ((text == NULL) == (document == NULL)) die("either \"document\" or \"text\"");
    source = text != NULL ? bytes_of(text) : text_of_json(document);
    result = onecors_policy_new(source.data, source.len, &policy, &error);
    free(source.data);
    if (result != ONECORS_OK && result != ONECORS_BAD_DOCUMENT) {
        die("%s", onecors_error_text(error).data);
    }
    good = check_problems(expected != NULL ? array_of(entry, "problems") : NULL, error);
    onecors_policy_release(policy);
    onecors_error_free(error);
    return good;
}

static void document_file(json_t *root) {
    json_t *entry;
    size_t i;
    group_name = "documents";
    only_keys(root, " description cases ");
    json_array_foreach(array_of(root, "cases"), i, entry) {
        case_name = string_of(entry, "name");
        string_of(entry, "source");
        if (is_left_out()) continue;
        run++;
        passed += (size_t)document_case(entry);
    }
}

/* Files. */

/* The number of entries of all "cases" lists in a file. */
static size_t cases_in(json_t *value) {
    size_t i, count = 0;
    const char *key;
    json_t *part;
    json_array_foreach(value, i, part) count += cases_in(part);
    json_object_foreach(value, key, part) {
        count += strcmp(key, "cases") == 0 ? json_array_size(part) : cases_in(part);
    }
    return count;
}

static int is_json(const struct dirent *entry) {
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

static size_t run_directory(const char *root, const char *name, void (*run_file)(json_t *)) {
    char directory[4096], path[8192];
    struct dirent **entries;
    size_t expected = 0;
    int i, count;
    snprintf(directory, sizeof directory, "%s/%s", root, name);
    file_name = directory;
    count = scandir(directory, &entries, is_json, alphasort);
    if (count <= 0) die("no vectors");
    for (i = 0; i < count; i++) {
        json_error_t mistake;
        json_t *file;
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        file_name = path;
        file = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &mistake);
        if (file == NULL) die("line %d: %s", mistake.line, mistake.text);
        string_of(file, "description");
        expected += cases_in(file);
        run_file(file);
        json_decref(file);
        free(entries[i]);
        group_name = case_name = "";
    }
    free(entries);
    return expected;
}

static void report(const char *line) {
    const char *directory = getenv("ONECORS_CONFORMANCE_REPORT");
    char path[4096];
    FILE *file;
    if (directory == NULL) return;
    snprintf(path, sizeof path, "%s/c.txt", directory);
    file_name = path;
    file = fopen(path, "w");
    if (file == NULL || fputs(line, file) == EOF || fclose(file) != 0) die("cannot be written");
}

int main(int argc, char **argv) {
    size_t expected;
    char line[128];
    file_name = group_name = case_name = "";
    if (argc != 2 && argc != 3) die("usage: conformance DIRECTORY [EVERY]");
    if (argc == 3) every = strtoul(argv[2], NULL, 10);
    if (every == 0) die("EVERY is a number, 1 or more");
    expected = run_directory(argv[1], "decisions", decide_file);
    expected += run_directory(argv[1], "documents", document_file);
    if (run + left_out != expected) {
        complain_number("the number of cases", expected, run + left_out);
    }
    snprintf(line, sizeof line, "conformance c: %zu run, %zu passed\n", run, passed);
    if (every == 1) report(line);
    fputs(line, stdout);
    return run == 0 || run + left_out != expected || run != passed;
}
