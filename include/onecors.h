/**
 * @file
 * onecors.h: one CORS policy, decided by one engine. The C interface.
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
 * Rules for every function:
 *
 * Input strings are a pointer and a length in bytes. They need not be NUL-terminated or UTF-8. The
 * pointer is not read if the length is 0. The library does not keep them after the call; only the
 * lines of onecors_render point into the strings of the request.
 *
 * Output strings are onecors_str, and borrowed: each function says from what, and they are valid as
 * long as that is. They are NUL-terminated only where the function says so.
 *
 * Owned objects. The caller gives up each of them exactly once, with the function of its type, which
 * ignores NULL. Nothing else that the library returns is owned by the caller.
 *
 *     onecors_policy, given up with onecors_policy_release, comes from
 *         onecors_policy_new, onecors_policy_retain
 *     onecors_error, given up with onecors_error_free, comes from
 *         onecors_policy_new
 *     onecors_string, given up with onecors_string_free, comes from
 *         onecors_explain, onecors_merge_vary, onecors_plans_json, onecors_printable,
 *         onecors_problems_json, onecors_summarize
 *
 * Threads. Any number of threads may call functions with the same const pointer at once. An owned
 * object may be given up by any thread, once no other uses it. There are no global settings, and no
 * errors are stored per thread.
 *
 * Errors. A NULL pointer where one is required, an impossible length and a number out of range
 * return an error code, or the empty value that the function documents. Out-parameters are written
 * in every case. Any other invalid pointer is undefined behaviour.
 *
 * Panics and aborts. No function unwinds. An internal error is caught, and returned as ONECORS_PANIC
 * or as the empty value; the policy stays usable, because it is immutable. The process aborts only
 * when memory runs out, in a function that allocates. Those that serve every request allocate nothing,
 * and say so.
 *
 * Compatibility. Within one ONECORS_ABI_VERSION
 * - functions, constants and result codes are added, and none is changed or removed;
 * - onecors_request grows at its end only. Its struct_size says which fields the program knows: a
 *   library accepts the size of every older header, and treats the missing fields as absent. It
 *   refuses a larger size than its own, because an unknown field might matter;
 * - every other struct never changes. onecors_policy, onecors_error and onecors_string are opaque;
 * - outcomes and reasons may be added. Act on the plan of a verdict (onecors_plan_status,
 *   onecors_render), which is right for outcomes that the program does not know, and treat an
 *   unknown result code as a failure. Slots are not added.
 *
 * Generated from ffi/src by cbindgen. `make -C ffi bless` regenerates it.
 */
#ifndef ONECORS_H
#define ONECORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The version of this header. onecors_version() is the version of the library. */
#define ONECORS_VERSION "0.1.0"
/** The first number of ONECORS_VERSION. */
#define ONECORS_VERSION_MAJOR 0
/** The second number of ONECORS_VERSION. */
#define ONECORS_VERSION_MINOR 1
/** The third number of ONECORS_VERSION. */
#define ONECORS_VERSION_PATCH 0

/** Warns where a result is ignored. */
#if defined(__GNUC__) || defined(__clang__)
#define ONECORS_MUST_USE __attribute__((warn_unused_result))
#else
#define ONECORS_MUST_USE
#endif

/**
 * The length of a field that a request does not have. Absent and empty differ: an empty Origin is
 * malformed; without Origin the request is not a CORS request.
 */
#define ONECORS_ABSENT SIZE_MAX

/**
 * The verdict after an error: ONECORS_OUTCOME_ACTUAL_DENIED, with a plan number that no policy has,
 * so that nothing is allowed by mistake.
 */
#define ONECORS_VERDICT_FAILED UINT32_C(0xFFFF0003)

/**
 * The initial value of every onecors_request: its size, and all fields absent.
 *
 *     onecors_request request = ONECORS_REQUEST_INIT;
 */
#define ONECORS_REQUEST_INIT \
    {sizeof(onecors_request), {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}, \
     {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}, {NULL, ONECORS_ABSENT}}

/**
 * The version of the binary interface (ABI) that this header describes, and the number in the SONAME
 * of the shared library. It changes when programs that were compiled with an older header would break,
 * and not when something is added.
 */
#define ONECORS_ABI_VERSION 2

/**
 * Success.
 */
#define ONECORS_OK 0

/**
 * The policy document has problems, which the onecors_error lists.
 */
#define ONECORS_BAD_DOCUMENT 1

/**
 * A required pointer is NULL.
 */
#define ONECORS_NULL_ARGUMENT 2

/**
 * A string has a length but no data, or a length that no object can have.
 */
#define ONECORS_BAD_STRING 3

/**
 * The library does not know the request's struct_size: the request was not initialised with
 * ONECORS_REQUEST_INIT, or the header is newer than the library.
 */
#define ONECORS_BAD_STRUCT_SIZE 4

/**
 * The policy has no plan with this number, or the plan no entry with this index. A verdict is valid
 * only with the policy that returned it.
 */
#define ONECORS_OUT_OF_RANGE 5

/**
 * The caller's array is too small. *count is the size required.
 */
#define ONECORS_BUFFER_TOO_SMALL 6

/**
 * An internal error of the engine, which was caught. It is a bug: please report it.
 */
#define ONECORS_PANIC 7

/**
 * No rule governs the path: leave the response alone.
 */
#define ONECORS_OUTCOME_UNGOVERNED 0

/**
 * Not a CORS request: it has no Origin.
 */
#define ONECORS_OUTCOME_NOT_CORS 1

/**
 * An actual request from an allowed origin.
 */
#define ONECORS_OUTCOME_ACTUAL_ALLOWED 2

/**
 * A denied actual request: the page cannot read the response.
 */
#define ONECORS_OUTCOME_ACTUAL_DENIED 3

/**
 * An allowed preflight, to be answered with the plan's status.
 */
#define ONECORS_OUTCOME_PREFLIGHT_ALLOWED 4

/**
 * A denied preflight, to be answered with the plan's status.
 */
#define ONECORS_OUTCOME_PREFLIGHT_DENIED 5

/**
 * The request was not denied.
 */
#define ONECORS_REASON_NONE 0

/**
 * Origin is not a serialised origin (Fetch, "serialising a request origin").
 */
#define ONECORS_REASON_MALFORMED_ORIGIN 1

/**
 * No origin pattern of the rule covers the origin.
 */
#define ONECORS_REASON_ORIGIN_NOT_ALLOWED 2

/**
 * Access-Control-Request-Method is not a single token.
 */
#define ONECORS_REASON_MALFORMED_REQUEST_METHOD 3

/**
 * The method is neither safelisted nor listed, or is forbidden in browsers.
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
 * A requested header is not listed.
 */
#define ONECORS_REASON_HEADER_NOT_ALLOWED 7

/**
 * The value is fixed text.
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
 * The largest size of a policy document, in bytes.
 */
#define ONECORS_MAX_DOCUMENT_BYTES 67108864

/**
 * The largest number of header lines that onecors_render writes, in this ABI version.
 */
#define ONECORS_MAX_HEADERS 16

/**
 * Why onecors_policy_new failed. The caller owns it, and frees it with onecors_error_free.
 */
typedef struct onecors_error onecors_error;

/**
 * A compiled policy document. It is immutable, so any number of threads may use it at once. To change
 * the policy, compile a new one and swap the pointer. It is reference-counted: see
 * onecors_policy_retain.
 */
typedef struct onecors_policy onecors_policy;

/**
 * A string that the caller owns, and frees with onecors_string_free.
 */
typedef struct onecors_string onecors_string;

/**
 * A borrowed string: len bytes at data. This struct never changes.
 */
typedef struct onecors_str {
    /**
     * The first byte. Not read if len is 0.
     */
    const char *data;
    /**
     * The number of bytes. In a field of onecors_request it may be ONECORS_ABSENT.
     */
    size_t len;
} onecors_str;

/**
 * The result of a call: ONECORS_OK, or why it failed. Later versions may add codes.
 */
typedef uint32_t onecors_result;

/**
 * What a host can decide by itself, for hosts in which a call into the engine is expensive. Borrowed
 * from the policy. This struct never changes.
 */
typedef struct onecors_uniform {
    /**
     * The verdict on every request without an Origin.
     */
    uint32_t not_cors;
    /**
     * The verdict on every request whose method is not OPTIONS and whose Origin equals, byte for byte,
     * one of the exact origins.
     */
    uint32_t actual_allowed;
    /**
     * The verdict on every actual request whose Origin is not one of the exact origins, without its
     * reason; call onecors_decide to get it. ONECORS_VERDICT_FAILED if a pattern may allow the origin:
     * then only onecors_decide can decide.
     */
    uint32_t actual_denied;
    /**
     * The same for preflights: OPTIONS with Access-Control-Request-Method.
     */
    uint32_t preflight_denied;
    /**
     * The exact origins, concatenated in document order.
     */
    const char *origins;
    /**
     * The end of each origin in origins, which is the start of the next.
     */
    const uint32_t *ends;
    /**
     * The number of exact origins.
     */
    size_t count;
} onecors_uniform;

/**
 * The parts of a request that a decision reads. Initialise it with ONECORS_REQUEST_INIT, and set the
 * fields that the request has. A field that is set to an empty string is present and empty. Nothing is
 * trimmed. Join repeated header lines with ", " first (RFC 9110, 5.3).
 *
 * A zeroed struct has an unknown struct_size: ONECORS_BAD_STRUCT_SIZE.
 */
typedef struct onecors_request {
    /**
     * sizeof(onecors_request), which lets later versions add fields at the end.
     */
    uint32_t struct_size;
    /**
     * The method as received, compared case-sensitively.
     */
    struct onecors_str method;
    /**
     * The path that the server routes on, without the query. Not read if the policy document is a
     * single rule.
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
 * The version of the loaded library, such as "0.1.0": static and NUL-terminated. ONECORS_VERSION is the
 * version of the header.
 */
const char *onecors_version(void);

/**
 * The ONECORS_ABI_VERSION of the loaded library. A program that loads the library with `dlopen` must
 * compare the two before any other call.
 */
uint32_t onecors_abi_version(void);

/**
 * A sentence that describes a result code, static and NUL-terminated.
 */
struct onecors_str onecors_result_text(onecors_result result);

/**
 * The stable code of an outcome, such as `actual_allowed`; empty for an unknown number. Static, and not
 * NUL-terminated.
 */
struct onecors_str onecors_outcome_code(uint32_t outcome);

/**
 * The stable code of a reason, such as `origin_not_allowed`; empty for ONECORS_REASON_NONE and for an
 * unknown number. Static, and not NUL-terminated.
 */
struct onecors_str onecors_reason_code(uint32_t reason);

/**
 * The text of a string, NUL-terminated and borrowed until the string is freed; empty if string is
 * NULL.
 */
struct onecors_str onecors_string_view(const struct onecors_string *string);

/**
 * Makes untrusted text, such as a file's name or a problem's pointer, safe for a message or a log. Text
 * with invisible characters (control characters, line breaks, marks that change the direction of text)
 * or with a leading quote is quoted and escaped; other text is copied as it is.
 *
 * Returns a string that the caller frees with onecors_string_free, or NULL for a bad string and after
 * an internal error.
 */
ONECORS_MUST_USE
struct onecors_string *onecors_printable(struct onecors_str text);

/**
 * Frees a string, and what was borrowed from it. NULL is ignored.
 */
void onecors_string_free(struct onecors_string *string);

/**
 * Compiles a policy document: document_len bytes of JSON in UTF-8.
 *
 * On success *policy is a new policy with one reference, which the caller gives up with
 * onecors_policy_release, and *error is NULL. Otherwise *policy is NULL, and *error describes the
 * failure; the caller frees it with onecors_error_free. After ONECORS_BAD_DOCUMENT it lists the
 * problems of the document. error may be NULL if the details are not needed.
 */
ONECORS_MUST_USE
onecors_result onecors_policy_new(const char *document,
                                  size_t document_len,
                                  struct onecors_policy **policy,
                                  struct onecors_error **error);

/**
 * Adds a reference to a policy, which the caller gives up with onecors_policy_release, and returns the
 * policy; NULL for NULL. With a reference of its own, a request can keep its policy while another
 * thread swaps in a new one.
 */
ONECORS_MUST_USE
struct onecors_policy *onecors_policy_retain(const struct onecors_policy *policy);

/**
 * Gives up one reference to a policy. The last one frees the policy, and what was borrowed from it. NULL
 * is ignored.
 */
void onecors_policy_release(struct onecors_policy *policy);

/**
 * Fills *uniform and returns 1 if the policy has one rule for every path. Returns 0 if its rules have
 * path patterns, so that every request needs onecors_decide, and after an error; then *uniform has no
 * origins, and verdicts that deny.
 */
ONECORS_MUST_USE
uint32_t onecors_policy_uniform(const struct onecors_policy *policy,
                                struct onecors_uniform *uniform);

/**
 * Decides on a request. *verdict is one integer: decode it with onecors_verdict_outcome,
 * onecors_verdict_reason and onecors_verdict_plan. Allocates nothing. The time does not depend on the
 * number of origins.
 *
 * A malformed request is not an error: it is denied, with a reason. If the result is not ONECORS_OK,
 * *verdict is ONECORS_VERDICT_FAILED, which denies.
 */
ONECORS_MUST_USE
onecors_result onecors_decide(const struct onecors_policy *policy,
                              const struct onecors_request *request,
                              uint32_t *verdict);

/**
 * Whether to accept a request that browsers do not check, above all a WebSocket handshake, which a page
 * of any origin can send with its user's cookies. Returns 1 to accept it, and 0 to refuse it with 403.
 *
 * Accepted are requests without Origin, which browsers send with every handshake; on a path that no rule
 * governs; from an origin that the rule allows; and from the server's own origin: an http or https origin with the host
 * and port of host, the value of Host (ONECORS_ABSENT if there is none). A path with several readings
 * that have different rules, or none, is open to the server's own origin alone. Reads only path and
 * origin of the request. Allocates nothing. Returns 0 after an error.
 */
ONECORS_MUST_USE
uint32_t onecors_check_origin(const struct onecors_policy *policy,
                              const struct onecors_request *request,
                              struct onecors_str host);

/**
 * A number for the origin pattern that covers the origin of a request, or nearly covers it, and for the
 * difference; 0 if no pattern is near, and after an error.
 *
 * It is for logs of denials. Clients can invent any number of origins, but the document bounds these
 * numbers: each pattern has a few. They are specific to the policy, and less than 2^53.
 */
ONECORS_MUST_USE
uint64_t onecors_nearest_pattern(const struct onecors_policy *policy,
                                 const struct onecors_request *request);

/**
 * Writes the header lines for a response that has none yet, in the policy's order, `Vary` last.
 *
 * verdict is the one that onecors_decide returned for this policy and this request. headers has room
 * for capacity lines; ONECORS_MAX_HEADERS are always enough. *count is the number written. Nothing is
 * copied or allocated: names live as long as the policy, values as long as the policy and the request's
 * strings. Values are not NUL-terminated.
 *
 * If the response has fields already, first remove those for which onecors_is_owned returns 1, and
 * merge `Vary` with onecors_merge_vary.
 *
 * After ONECORS_BUFFER_TOO_SMALL *count is the number of lines, and nothing is written; after any other
 * error it is 0. headers may be NULL if capacity is 0.
 */
ONECORS_MUST_USE
onecors_result onecors_render(const struct onecors_policy *policy,
                              uint32_t verdict,
                              const struct onecors_request *request,
                              struct onecors_header *headers,
                              size_t capacity,
                              size_t *count);

/**
 * Decides on a request and explains the decision, as one JSON object that is safe to log: the reason,
 * the rule and the origin pattern, and the nearest miss. Invisible characters are escaped; a field that
 * quotes the document has the document's text exactly, once the JSON is parsed.
 *
 * On success *explanation is a string that the caller frees with onecors_string_free; otherwise it is
 * NULL.
 */
ONECORS_MUST_USE
onecors_result onecors_explain(const struct onecors_policy *policy,
                               const struct onecors_request *request,
                               struct onecors_string **explanation);

/**
 * Decides on a request and explains the decision in one line for a log: the member `summary` of
 * onecors_explain. Text of the request and of the document is escaped.
 *
 * On success *summary is a string that the caller frees with onecors_string_free; otherwise it is
 * NULL.
 */
ONECORS_MUST_USE
onecors_result onecors_summarize(const struct onecors_policy *policy,
                                 const struct onecors_request *request,
                                 struct onecors_string **summary);

/**
 * Whether a response field of this name belongs to the policy on governed paths: 1 for
 * `Access-Control-Allow-*`, `Access-Control-Expose-Headers` and `Access-Control-Max-Age`, ignoring
 * case, and 0 for any other. Remove such fields, whoever set them, before you add the lines of
 * onecors_render. Allocates nothing. Returns 1 on error, so that unknown fields are removed (fail
 * closed).
 */
ONECORS_MUST_USE uint32_t onecors_is_owned(struct onecors_str name);

/**
 * Merges the tokens of a plan into the `Vary` of a response. lines are the values of its count `Vary`
 * lines, unchanged; NULL if count is 0.
 *
 * On success *merged is the value of the one line that replaces them, as a string that the caller frees
 * with onecors_string_free; or NULL if the lines stay as they are: they have every token, or `*`, or the
 * plan leaves `Vary` alone. After an error it is NULL too; then do not send the lines of onecors_render,
 * because caches could serve them to other origins.
 */
ONECORS_MUST_USE
onecors_result onecors_merge_vary(const struct onecors_policy *policy,
                                  size_t plan,
                                  const struct onecors_str *lines,
                                  size_t count,
                                  struct onecors_string **merged);

/**
 * The number of plans: of all answers that the policy can give. 0 if policy is NULL.
 */
size_t onecors_plan_count(const struct onecors_policy *policy);

/**
 * The status of a plan: answer with it, without a body (preflights only). 0 if the application answers,
 * and if there is no such plan.
 */
uint32_t onecors_plan_status(const struct onecors_policy *policy,
                             size_t plan);

/**
 * The number of header lines of a plan, without `Vary`. 0 if there is no such plan.
 */
size_t onecors_plan_header_count(const struct onecors_policy *policy, size_t plan);

/**
 * One header line of a plan, borrowed from the policy. *slot is ONECORS_SLOT_NONE if the value is fixed
 * text; otherwise it names the request field to echo as received, and header->value is empty.
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
 * The number of tokens that a plan merges into `Vary`. 0 if `Vary` is to be left alone, and if there is
 * no such plan.
 */
size_t onecors_plan_vary_count(const struct onecors_policy *policy,
                               size_t plan);

/**
 * One token to merge into `Vary`, borrowed from the policy. Empty if there is no such token.
 */
struct onecors_str onecors_plan_vary(const struct onecors_policy *policy,
                                     size_t plan,
                                     size_t index);

/**
 * All plans as a JSON array, ordered by number. Each has its `status` (or null), its `headers` with
 * `name` and either `value` or `echo`, and its `vary` tokens.
 *
 * Returns a string that the caller frees with onecors_string_free, or NULL if policy is NULL and after
 * an internal error.
 */
ONECORS_MUST_USE
struct onecors_string *onecors_plans_json(const struct onecors_policy *policy);

/**
 * The message to print: all problems, each with its place and help, on several lines; or the other
 * cause. NUL-terminated, borrowed from the error, and empty if error is NULL.
 */
struct onecors_str onecors_error_text(const struct onecors_error *error);

/**
 * The number of problems that are listed: at most 1,000; the text says how many more there are. 0 if
 * the cause was another one, and if error is NULL.
 */
size_t onecors_problem_count(const struct onecors_error *error);

/**
 * The stable code of a problem, such as `trailing_slash`. This and the following three strings are
 * borrowed from the error, not NUL-terminated, and empty if there is no such problem.
 */
struct onecors_str onecors_problem_code(const struct onecors_error *error, size_t index);

/**
 * The place of a problem, as a JSON pointer (RFC 6901); empty for the whole document. It has the
 * document's keys unescaped: pass it through onecors_printable before you show it.
 */
struct onecors_str onecors_problem_pointer(const struct onecors_error *error, size_t index);

/**
 * What is wrong, and what a browser would do. Quoted text of the document is escaped and shortened.
 */
struct onecors_str onecors_problem_message(const struct onecors_error *error, size_t index);

/**
 * What to write instead; empty if there is no suggestion. Like the pointer, it is not escaped.
 */
struct onecors_str onecors_problem_help(const struct onecors_error *error, size_t index);

/**
 * The problems as a JSON array of objects with `code`, `pointer`, `message` and `help` (or null), on one
 * line. Invisible characters have JSON escapes.
 *
 * Returns a string that the caller frees with onecors_string_free, or NULL if error is NULL and after an
 * internal error.
 */
ONECORS_MUST_USE
struct onecors_string *onecors_problems_json(const struct onecors_error *error);

/**
 * Frees an error, and what was borrowed from it. NULL is ignored.
 */
void onecors_error_free(struct onecors_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/** The bytes of a C string. NULL, such as a header that was not found, is ONECORS_ABSENT. */
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

/** The reason of a verdict: one of ONECORS_REASON_...; ONECORS_REASON_NONE if it does not deny. */
static inline uint32_t onecors_verdict_reason(uint32_t verdict) {
    return (verdict >> 8) & 0xFF;
}

/** The plan number of a verdict, in the policy that returned the verdict. */
static inline size_t onecors_verdict_plan(uint32_t verdict) {
    return verdict >> 16;
}

#endif /* ONECORS_H */
