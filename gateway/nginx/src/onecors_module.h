/*
 * The parts of the module: a policy and its file (policy.c), a request and the decision on it
 * (request.c), header fields (fields.c), those of a response (response.c), the log of denials
 * (denials.c), and what nginx calls: the directive, the phases and the filter (module.c).
 */
#ifndef ONECORS_MODULE_H
#define ONECORS_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <onecors.h>

extern ngx_module_t ngx_http_onecors_module;

/* A policy of the configuration, which lives as long as the configuration's pool. */
typedef struct {
    ngx_str_t file;
    onecors_policy *policy;
    ngx_pool_t *pool;

    /*
     * The denials that this worker has seen, by verdict and origin, and those with a near pattern,
     * by verdict and pattern. The master has none, so a new worker starts with none.
     */
    ngx_rbtree_t denials;
    ngx_rbtree_t near_denials;
    ngx_rbtree_node_t sentinel;
    ngx_uint_t denial_count;
    ngx_uint_t stranger_count;
} onecors_loaded;

/* A request as it arrived, and the decision on it. */
typedef struct {
    onecors_request request;
    onecors_str host;
    /* The path as nginx reads it: decoded, without dot segments, its slashes merged. */
    onecors_str normal_path;
    unsigned is_handshake : 1;
    unsigned is_decided : 1;
    /* Whether the preflight was answered before anything else. */
    unsigned is_answered : 1;
    /* NULL if the location has no policy. */
    onecors_loaded *loaded;
    uint32_t verdict;
} onecors_decision;

/* Loads a policy file. Returns NULL if it cannot be read or has problems, which are logged. */
onecors_loaded *onecors_load(ngx_conf_t *cf, const ngx_str_t *file);

/*
 * Remembers a request as it arrived, before any directive changes it. Returns NULL without memory.
 * The memory outlives r->ctx, which nginx clears at every internal redirect.
 */
onecors_decision *onecors_remember(ngx_http_request_t *r);

/* What was remembered of a request; NULL if nginx refused the request before that. */
onecors_decision *onecors_remembered(ngx_http_request_t *r);

/* Decides with a policy; loaded is NULL for none. */
void onecors_decide_by(onecors_decision *decision, onecors_loaded *loaded);

/* Whether a rule governs the request. */
ngx_uint_t onecors_is_governed(const onecors_decision *decision);

/* The status of the answer to a preflight; 0 for every other request. */
ngx_uint_t onecors_preflight_status(const onecors_decision *decision);

/* Whether the request is a WebSocket handshake from an origin that is not allowed. */
ngx_uint_t onecors_is_refused(const onecors_decision *decision);

/* Adds the fields of a decision to a response that is about to start. */
ngx_int_t onecors_apply(ngx_http_request_t *r, const onecors_decision *decision);

/*
 * Logs a denial, unless this worker has logged it.
 *
 * If a pattern covers or nearly covers the origin, the denial is logged once for each verdict,
 * pattern and difference: the document bounds their number, so that clients cannot exhaust them.
 * Any other origin is a stranger's: it is logged once for each verdict, and after 1,000 such lines
 * no more.
 */
void onecors_log_denial(ngx_http_request_t *r, const onecors_decision *decision);

/* A position in the lines of a message. Start with onecors_lines_of. */
typedef struct {
    const ngx_list_part_t *part;
    ngx_uint_t next;
} onecors_lines;

onecors_lines onecors_lines_of(const ngx_list_t *headers);

/* The next line that has not been removed; NULL after the last one. */
ngx_table_elt_t *onecors_next_line(onecors_lines *lines);

/* Whether a line has this name, ignoring case. */
ngx_uint_t onecors_is_named(const ngx_table_elt_t *line, onecors_str name);

/* Whether a comma-separated list has this token, ignoring case. */
ngx_uint_t onecors_has_token(onecors_str list, onecors_str token);

/* A value without surrounding white space. nginx removes spaces, but not tabs. */
onecors_str onecors_trimmed(onecors_str value);

static inline onecors_str onecors_str_of(ngx_str_t text) {
    onecors_str str = {(const char *)text.data, text.len};
    return str;
}

#endif
