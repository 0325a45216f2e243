/*
 * onecors.h: one CORS policy, decided by one engine, in C.
 *
 *     onecors_policy *policy;
 *     onecors_error *error;
 *     if (onecors_policy_new(document, document_len, &policy, &error) != ONECORS_OK) {
 *         fprintf(stderr, "%s\n", onecors_error_text(error).data);
 *         onecors_error_free(error);
 *         exit(1);
 *     }
 *
 *     onecors_request request = ONECORS_REQUEST_INIT;
 *     request.method = onecors_str_from("GET");
 *     request.path = onecors_str_from("/orders");
 *     request.origin = onecors_str_from(origin_or_null);
 *     uint32_t verdict;
 *     if (onecors_decide(policy, &request, &verdict) != ONECORS_OK) {
 *         ... the verdict denies; answer 500 ...
 *     }
 *
 * The rules that hold for every function:
 *
 * Strings going in are a pointer and a length in bytes, never NUL-terminated, and are not kept
 * after the call. Where the length is 0 the pointer is not looked at. Bytes need not be UTF-8.
 *
 * Strings coming out are onecors_str and are borrowed: each function says from what, and they live
 * as long as that. They have a NUL behind them only where the function says so.
 *
 * What a function with `_new`, `_retain`, `_json` or `explain` in its name hands out is the
 * caller's, and goes back through the `_free` of its type, once. NULL may always be freed.
 *
 * A function that takes `const onecors_policy *` may run in any number of threads at once with the
 * same policy; so may those that take any other const pointer. Nothing is global and nothing is
 * stored per thread.
 *
 * A null pointer where there must be none, a length no object can have, and a number out of range
 * give an error code, or the empty value that the function names. A pointer to something else than
 * it says is undefined behaviour, as ever in C.
 *
 * No function unwinds or aborts. An error inside the engine is caught and is ONECORS_PANIC, or the
 * empty value. The policy stays usable: it never changes.
 *
 * Generated from ffi/src by cbindgen; `make -C ffi bless` writes it anew.
 */
#ifndef ONECORS_H
#define ONECORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The version of this header. onecors_version() is that of the library. */
#define ONECORS_VERSION "0.1.0"
#define ONECORS_VERSION_MAJOR 0
#define ONECORS_VERSION_MINOR 1
#define ONECORS_VERSION_PATCH 0

#if defined(__GNUC__) || defined(__clang__)
#define ONECORS_MUST_USE __attribute__((warn_unused_result))
#else
#define ONECORS_MUST_USE
#endif

/**
 * The length of a field of onecors_request that the request does not have. Absent and empty
 * differ: an empty Origin is malformed, an absent one means that this is no CORS request.
 */
#define ONECORS_ABSENT SIZE_MAX

/**
 * The verdict that stands where a decision failed: ONECORS_OUTCOME_ACTUAL_DENIED with the number of
 * a plan that no policy has, so that nothing is ever allowed by mistake.
 */
#define ONECORS_VERDICT_FAILED UINT32_C(0xFFFF0003)

/**
 * What every onecors_request begins as: its size, and every field absent.
 *
 *     onecors_request request = ONECORS_REQUEST_INIT;
 */
#define ONECORS_REQUEST_INIT \
    {sizeof(onecors_request), {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}, \
     {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}}

/**
 * The version of the binary interface that this header describes. It changes when a program
 * compiled against an older header would break, and not when something is added.
 */
#define ONECORS_ABI_VERSION 1

/**
 * It worked.
 */
#define ONECORS_OK 0

/**
 * The policy document has problems. The onecors_error lists every one.
 */
#define ONECORS_BAD_DOCUMENT 1

/**
 * A pointer is NULL that must not be.
 */
#define ONECORS_NULL_ARGUMENT 2

/**
 * A string's data is NULL though its length is not 0, or its length is larger than any object.
 */
#define ONECORS_BAD_STRING 3

/**
 * The struct_size of a request is none that this library knows: the request was not begun with
 * ONECORS_REQUEST_INIT, or the header is newer than the library.
 */
#define ONECORS_BAD_STRUCT_SIZE 4

/**
 * The policy has no plan, or the plan no entry, of this number. A verdict means something only
 * beside the policy that gave it.
 */
#define ONECORS_OUT_OF_RANGE 5

/**
 * The caller's array is too small. The number of entries needed has been written.
 */
#define ONECORS_BUFFER_TOO_SMALL 6

/**
 * An error inside the engine, which was caught. Please report it: it is a bug.
 */
#define ONECORS_PANIC 7

/**
 * No rule governs the path: leave the response alone.
 */
#define ONECORS_OUTCOME_UNGOVERNED 0

/**
 * The request has no Origin, so it is no CORS request.
 */
#define ONECORS_OUTCOME_NOT_CORS 1

/**
 * An actual request from an allowed origin.
 */
#define ONECORS_OUTCOME_ACTUAL_ALLOWED 2

/**
 * An actual request whose answer the page will not get to read.
 */
#define ONECORS_OUTCOME_ACTUAL_DENIED 3

/**
 * A preflight to be answered with the plan's status.
 */
#define ONECORS_OUTCOME_PREFLIGHT_ALLOWED 4

/**
 * A preflight to be refused with the plan's status.
 */
#define ONECORS_OUTCOME_PREFLIGHT_DENIED 5

/**
 * The request was not refused.
 */
#define ONECORS_REASON_NONE 0

/**
 * Origin is not what the Fetch standard's "serialising a request origin" produces.
 */
#define ONECORS_REASON_MALFORMED_ORIGIN 1

/**
 * No origin pattern of the rule covers the origin.
 */
#define ONECORS_REASON_ORIGIN_NOT_ALLOWED 2

/**
 * Access-Control-Request-Method is not one token.
 */
#define ONECORS_REASON_MALFORMED_REQUEST_METHOD 3

/**
 * The method is neither safelisted nor listed, or browsers forbid it.
 */
#define ONECORS_REASON_METHOD_NOT_ALLOWED 4

/**
 * Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
 */
#define ONECORS_REASON_TOO_MANY_HEADERS 5

/**
 * Access-Control-Request-Headers is not a list of tokens.
 */
#define ONECORS_REASON_MALFORMED_REQUEST_HEADERS 6

/**
 * A requested header name is not listed.
 */
#define ONECORS_REASON_HEADER_NOT_ALLOWED 7

/**
 * The header line has fixed text as its value.
 */
#define ONECORS_SLOT_NONE 0

/**
 * The value is the request's Origin.
 */
#define ONECORS_SLOT_ORIGIN 1

/**
 * The value is the request's Access-Control-Request-Method.
 */
#define ONECORS_SLOT_ACCESS_CONTROL_REQUEST_METHOD 2

/**
 * The value is the request's Access-Control-Request-Headers.
 */
#define ONECORS_SLOT_ACCESS_CONTROL_REQUEST_HEADERS 3

/**
 * The size in bytes of the largest policy document that is read.
 */
#define ONECORS_MAX_DOCUMENT_BYTES 67108864

/**
 * An array of this many onecors_header is large enough for every plan of this ABI version.
 */
#define ONECORS_MAX_HEADERS 16

/**
 * Why onecors_policy_new made no policy. Free it with onecors_error_free.
 */
typedef struct onecors_error onecors_error;

/**
 * A compiled policy document. It never changes, so any number of threads may use it at once. To
 * put a new document in force, make a new policy and swap the pointer.
 */
typedef struct onecors_policy onecors_policy;

/**
 * A string that the caller owns. Give it back with onecors_string_free.
 */
typedef struct onecors_string onecors_string;

/**
 * A borrowed string: len bytes at data. This struct never changes.
 */
typedef struct onecors_str {
    /**
     * The first byte. Not looked at when len is 0.
     */
    const char *data;
    /**
     * The number of bytes. In a field of onecors_request it may be ONECORS_ABSENT.
     */
    size_t len;
} onecors_str;

/**
 * What a function returns: ONECORS_OK, or why it did nothing. Later versions may add codes.
 */
typedef uint32_t onecors_result;

/**
 * What a host can decide without a call to the engine, where calls are dear. Borrowed from the
 * policy. This struct never changes.
 */
typedef struct onecors_uniform {
    /**
     * The verdict on every request without an Origin.
     */
    uint32_t not_cors;
    /**
     * The verdict on every request that is not OPTIONS and whose Origin is, byte for byte, one of
     * the exact origins.
     */
    uint32_t actual_allowed;
    /**
     * The verdict on every request whose Origin is none of the exact ones and that is no preflight,
     * but for its reason, which onecors_decide tells; ONECORS_VERDICT_FAILED when there are patterns
     * that may allow the origin, so that onecors_decide has to be asked.
     */
    uint32_t actual_denied;
    /**
     * The same for preflights: OPTIONS with Access-Control-Request-Method.
     */
    uint32_t preflight_denied;
    /**
     * The exact origins one after the other, in the document's order, with nothing between them.
     */
    const char *origins;
    /**
     * Where in origins each one ends; it begins where the one before ends.
     */
    const uint32_t *ends;
    /**
     * How many exact origins there are.
     */
    size_t count;
} onecors_uniform;

/**
 * The parts of a request that a decision looks at. Begin with ONECORS_REQUEST_INIT, and set those
 * that the request has; a field that is set to an empty string is present and empty. Nothing is
 * trimmed. Where a header came in several lines, join them with ", " first (RFC 9110, 5.3).
 *
 * A request whose bytes are all 0 has every field present and empty; it is denied.
 */
typedef struct onecors_request {
    /**
     * sizeof(onecors_request), so that later versions can add fields at the end.
     */
    uint32_t struct_size;
    /**
     * The method as received, compared case-sensitively.
     */
    struct onecors_str method;
    /**
     * The path that the server routes on, without the query. Not looked at by a policy whose
     * document is a single rule.
     */
    struct onecors_str path;
    /**
     * The value of Origin.
     */
    struct onecors_str origin;
    /**
     * The value of Access-Control-Request-Method.
     */
    struct onecors_str access_control_request_method;
    /**
     * The value of Access-Control-Request-Headers.
     */
    struct onecors_str access_control_request_headers;
} onecors_request;

/**
 * One header line. This struct never changes.
 */
typedef struct onecors_header {
    /**
     * The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`.
     */
    struct onecors_str name;
    /**
     * The value.
     */
    struct onecors_str value;
} onecors_header;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, such as "0.1.0", NUL-terminated. It lives as long as
 * the program. Compare it with ONECORS_VERSION, the version of the header.
 */
const char *onecors_version(void);

/**
 * The ONECORS_ABI_VERSION of the library that is loaded. A program that loads the library by hand
 * (`dlopen`) compares the two before it calls anything else.
 */
uint32_t onecors_abi_version(void);

/**
 * What a result code means, in a sentence with a NUL behind it. It lives as long as the program.
 */
struct onecors_str onecors_result_text(onecors_result result);

/**
 * The stable code of an outcome, such as `actual_allowed`, without a NUL; empty for a number that
 * is none. It lives as long as the program.
 */
struct onecors_str onecors_outcome_code(uint32_t outcome);

/**
 * The stable code of a reason, such as `origin_not_allowed`, without a NUL; empty for
 * ONECORS_REASON_NONE and for a number that is none. It lives as long as the program.
 */
struct onecors_str onecors_reason_code(uint32_t reason);

/**
 * The text of a string, with a NUL behind it; empty when string is NULL. It lives until the string
 * is freed.
 */
struct onecors_str onecors_string_view(const struct onecors_string *string);

/**
 * A text that somebody else chose, such as a file's name or a problem's pointer, made fit for a
 * message or a log. An ordinary text is unchanged; one with a character that is not seen, such as a
 * control character, a line's end or a mark that turns the direction of text, or with a quote at its
 * beginning, is put in quotes and escaped. The caller's, to be freed with onecors_string_free. NULL
 * when there is no such text, and after an error inside the engine.
 */
ONECORS_MUST_USE
struct onecors_string *onecors_printable(struct onecors_str text);

/**
 * Frees a string. NULL is ignored.
 */
void onecors_string_free(struct onecors_string *string);

/**
 * Compiles a policy document: document_len bytes of JSON, which should be UTF-8.
 *
 * On success *policy is a new policy with one reference, to be given up with onecors_policy_free,
 * and *error is NULL. Otherwise *policy is NULL and *error says why, to be freed with
 * onecors_error_free; with ONECORS_BAD_DOCUMENT it lists every problem. error may be NULL when
 * nobody wants to know.
 */
ONECORS_MUST_USE
onecors_result onecors_policy_new(const char *document,
                                  size_t document_len,
                                  struct onecors_policy **policy,
                                  struct onecors_error **error);

/**
 * Takes one more reference to a policy and returns it; NULL gives NULL. Each is given up with
 * onecors_policy_free. So a request can keep its policy while another thread swaps in a new one.
 */
ONECORS_MUST_USE struct onecors_policy *onecors_policy_retain(const struct onecors_policy *policy);

/**
 * Gives up one reference to a policy; the last one frees it, with all that was borrowed from it.
 * NULL is ignored.
 */
void onecors_policy_free(struct onecors_policy *policy);

/**
 * What a host can decide by itself, for a policy that is one rule for every path. 1 when it is; 0
 * when its document has path patterns, so that every request needs onecors_decide, and after an
 * error: then *uniform has no origins, and verdicts that deny.
 */
ONECORS_MUST_USE
uint32_t onecors_policy_uniform(const struct onecors_policy *policy,
                                struct onecors_uniform *uniform);

/**
 * Decides on a request. The verdict is one integer, for onecors_verdict_outcome and its sisters.
 * Allocates nothing; the time it takes does not depend on the number of origins.
 *
 * A bad request is no error: it is denied, with a reason. Where the result is not ONECORS_OK,
 * *verdict is ONECORS_VERDICT_FAILED, which denies.
 */
ONECORS_MUST_USE
onecors_result onecors_decide(const struct onecors_policy *policy,
                              const struct onecors_request *request,
                              uint32_t *verdict);

/**
 * Whether a request that no browser checks may go on: a WebSocket handshake above all, which a page
 * of any origin can make with its user's cookies. 1 when it may, 0 when it is to be refused with 403.
 *
 * It may when it has no Origin, and so is not a page's; when no rule governs its path; when the rule
 * allows its origin; and when its origin is the server's own: an http or https origin with the host
 * and the port of host, the value of Host (absent: len is ONECORS_ABSENT). A path that has another
 * rule, or none, in one of its readings is for the server's own pages alone. Only path and origin of the
 * request are looked at. Allocates nothing. Bad arguments and a panic are refused: 0.
 */
ONECORS_MUST_USE
uint32_t onecors_check_origin(const struct onecors_policy *policy,
                              const struct onecors_request *request,
                              struct onecors_str host);

/**
 * A number for the origin pattern that covers the origin of a request, or nearly covers it, together
 * with what keeps it from doing so; 0 where no pattern comes near.
 *
 * It is for logs of denials. A client can invent any number of origins, but the document bounds these
 * numbers: there are a few for each pattern. They mean nothing in another policy, and are below 2^53.
 * Bad arguments and a panic are 0.
 */
ONECORS_MUST_USE
uint64_t onecors_nearest_pattern(const struct onecors_policy *policy,
                                 const struct onecors_request *request);

/**
 * Writes the header lines that a response without header fields gets, in order, `Vary` last.
 *
 * verdict is what onecors_decide gave for this policy and this request. headers has room for
 * capacity lines, of which ONECORS_MAX_HEADERS are always enough; *count is the number written.
 * Nothing is copied: names live as long as the policy, values as long as the policy and the
 * request's strings. No value has a NUL behind it.
 *
 * From a response that has fields already take out those of onecors_is_owned first, and merge
 * `Vary` by onecors_merge_vary.
 *
 * With ONECORS_BUFFER_TOO_SMALL *count is the number of lines there are, and nothing is written;
 * after any other error it is 0. headers may be NULL when capacity is 0.
 */
ONECORS_MUST_USE
onecors_result onecors_render(const struct onecors_policy *policy,
                              uint32_t verdict,
                              const struct onecors_request *request,
                              struct onecors_header *headers,
                              size_t capacity,
                              size_t *count);

/**
 * Decides on a request and tells the story, as one JSON object that is fit to be logged: why, by
 * which rule and origin pattern, and what was nearest. What is not seen in print is escaped in it,
 * and the fields that hold a text of the document alone have it exactly once they are read. On
 * success *explanation is the caller's, to be freed with onecors_string_free; otherwise it is NULL.
 */
ONECORS_MUST_USE
onecors_result onecors_explain(const struct onecors_policy *policy,
                               const struct onecors_request *request,
                               struct onecors_string **explanation);

/**
 * Decides on a request and tells the story in one line for a log, the member `summary` of what
 * onecors_explain gives. What came with the request and what is of the document is escaped in it. On
 * success *summary is the caller's, to be freed with onecors_string_free; otherwise it is NULL.
 */
ONECORS_MUST_USE
onecors_result onecors_summarize(const struct onecors_policy *policy,
                                 const struct onecors_request *request,
                                 struct onecors_string **summary);

/**
 * Whether a response field of this name is the policy's alone where a rule governs the path: 1 for
 * `Access-Control-Allow-*`, `Access-Control-Expose-Headers` and `Access-Control-Max-Age` in any
 * case, 0 for any other. Remove such fields, whoever set them, before you add the lines of
 * onecors_render. Allocates nothing. 1 after an error: what cannot be judged grants nothing.
 */
ONECORS_MUST_USE uint32_t onecors_is_owned(struct onecors_str name);

/**
 * Merges the tokens of a plan into the `Vary` of a response. lines are the values of its count
 * lines of `Vary`, each as it is; NULL when count is 0.
 *
 * On success *merged is the value of the one line to set in their place, the caller's, to be freed
 * with onecors_string_free; or NULL when all lines stay as they are, because they have every token,
 * or `*`, which says more, or because the plan leaves `Vary` alone. After an error it is NULL, too:
 * then the lines of onecors_render must not be sent, since caches would hand them to other origins.
 */
ONECORS_MUST_USE
onecors_result onecors_merge_vary(const struct onecors_policy *policy,
                                  size_t plan,
                                  const struct onecors_str *lines,
                                  size_t count,
                                  struct onecors_string **merged);

/**
 * How many plans the policy has: every answer it can ever give. 0 when policy is NULL.
 */
size_t onecors_plan_count(const struct onecors_policy *policy);

/**
 * The status of a plan: with one, the answer ends here, without a body (preflights only). 0 when
 * the application answers, and when there is no such plan.
 */
uint32_t onecors_plan_status(const struct onecors_policy *policy, size_t plan);

/**
 * How many header lines a plan has, `Vary` not counted. 0 when there is no such plan.
 */
size_t onecors_plan_header_count(const struct onecors_policy *policy, size_t plan);

/**
 * One header line of a plan, which lives as long as the policy. *slot is ONECORS_SLOT_NONE where
 * the value is fixed text; otherwise it says which part of the request is the value, as it was
 * received, and header->value is empty.
 *
 * After an error the header is empty and *slot is ONECORS_SLOT_NONE.
 */
ONECORS_MUST_USE
onecors_result onecors_plan_header(const struct onecors_policy *policy,
                                   size_t plan,
                                   size_t index,
                                   struct onecors_header *header,
                                   uint32_t *slot);

/**
 * How many tokens a plan merges into `Vary`. 0 when `Vary` is to be left alone, and when there is
 * no such plan.
 */
size_t onecors_plan_vary_count(const struct onecors_policy *policy, size_t plan);

/**
 * One token to merge into `Vary`, which lives as long as the policy. Empty when there is none.
 */
struct onecors_str onecors_plan_vary(const struct onecors_policy *policy,
                                     size_t plan,
                                     size_t index);

/**
 * All plans as a JSON array, in the order of their numbers: for each its `status` (or null), its
 * `headers` with `name` and either `value` or `echo`, and its `vary` tokens. The caller's, to be
 * freed with onecors_string_free. NULL when policy is NULL, and after an error inside the engine.
 */
ONECORS_MUST_USE struct onecors_string *onecors_plans_json(const struct onecors_policy *policy);

/**
 * What to print: all problems, each with its place and help, in several lines; or what else was
 * wrong. It has a NUL behind it, is empty when error is NULL, and lives until the error is freed.
 */
struct onecors_str onecors_error_text(const struct onecors_error *error);

/**
 * How many problems are listed, at most 1,000: the text counts the others. 0 when something else was
 * wrong, and when error is NULL.
 */
size_t onecors_problem_count(const struct onecors_error *error);

/**
 * The stable code of a problem, such as `trailing_slash`. This and the following three strings
 * live until the error is freed, have no NUL behind them, and are empty when there is no such
 * problem.
 */
struct onecors_str onecors_problem_code(const struct onecors_error *error, size_t index);

/**
 * Where the problem is, as a JSON pointer (RFC 6901); empty for the whole document. The keys in it
 * are as they are in the document, whatever their characters: onecors_printable makes it fit for a
 * text.
 */
struct onecors_str onecors_problem_pointer(const struct onecors_error *error, size_t index);

/**
 * What is wrong, and what a browser would do. Text of the document in it is escaped and cut.
 */
struct onecors_str onecors_problem_message(const struct onecors_error *error, size_t index);

/**
 * What to write instead; empty where there is nothing to say. A corrected text is exact, as the
 * pointer is.
 */
struct onecors_str onecors_problem_help(const struct onecors_error *error, size_t index);

/**
 * The problems as a JSON array of objects with `code`, `pointer`, `message` and `help` (or null), on
 * one line. What is not seen in print is escaped in it, as JSON escapes it. The caller's, to be freed
 * with onecors_string_free. NULL when error is NULL, and after an error inside the engine.
 */
ONECORS_MUST_USE
struct onecors_string *onecors_problems_json(const struct onecors_error *error);

/**
 * Frees an error. NULL is ignored.
 */
void onecors_error_free(struct onecors_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/** The bytes of a C string; NULL is ONECORS_ABSENT, as where a look-up found no such header. */
static inline onecors_str onecors_str_from(const char *text) {
    onecors_str str;
    str.data = text;
    str.len = text == NULL ? ONECORS_ABSENT : strlen(text);
    return str;
}

/** The outcome of a verdict: one of ONECORS_OUTCOME_... */
static inline uint32_t onecors_verdict_outcome(uint32_t verdict) {
    return verdict & 0xFF;
}

/** The reason of a verdict: one of ONECORS_REASON_..., ONECORS_REASON_NONE unless it denies. */
static inline uint32_t onecors_verdict_reason(uint32_t verdict) {
    return (verdict >> 8) & 0xFF;
}

/** The number of the plan of a verdict, in the policy that gave the verdict. */
static inline size_t onecors_verdict_plan(uint32_t verdict) {
    return verdict >> 16;
}

#endif /* ONECORS_H */
