/*
 * The parts of the module: a policy and its file (policy.c), a request and what is decided on it
 * (request.c), the fields of messages (fields.c), those of a response (response.c), the log of
 * denials (denials.c), and the directive, the phases and the filter, where nginx calls in
 * (module.c).
 */
#ifndef ONECORS_MODULE_H
#define ONECORS_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <onecors.h>

extern ngx_module_t ngx_http_onecors_module;

/* A policy of the configuration. It lives as long as the configuration's pool. */
typedef struct {
    ngx_str_t file;
    onecors_policy *policy;
    ngx_pool_t *pool;

    /*
     * The denials that this worker needs no second look at, by verdict and origin, and those that a
     * pattern comes near, by verdict and pattern. In the master there are none, and so none in a
     * worker that begins.
     */
    ngx_rbtree_t denials;
    ngx_rbtree_t near_denials;
    ngx_rbtree_node_t sentinel;
    ngx_uint_t denial_count;
    ngx_uint_t stranger_count;
} onecors_loaded;

/* A request, as it was when it came, and the one decision on it. */
typedef struct {
    onecors_request request;
    onecors_str host;
    /* The path as nginx reads it: decoded, without dot segments, its slashes merged. */
    onecors_str normal_path;
    unsigned is_handshake : 1;
    unsigned is_decided : 1;
    /* Whether its preflight was answered before anything else could. */
    unsigned is_answered : 1;
    /* NULL where the location has no policy. */
    onecors_loaded *loaded;
    uint32_t verdict;
} onecors_decision;

/* Loads a policy's file. NULL when it cannot be read or has problems: all of them are logged. */
onecors_loaded *onecors_load(ngx_conf_t *cf, const ngx_str_t *file);

/*
 * Remembers a request as it came, before any directive has changed it. NULL when memory is out.
 * What is remembered outlives r->ctx, which nginx clears at every internal redirect.
 */
onecors_decision *onecors_remember(ngx_http_request_t *r);

/* What was remembered of a request; NULL where nginx refused it before it could be. */
onecors_decision *onecors_remembered(ngx_http_request_t *r);

/* Decides by a policy, or by none where loaded is NULL. */
void onecors_decide_by(onecors_decision *decision, onecors_loaded *loaded);

/* Whether a rule governs the request. */
ngx_uint_t onecors_is_governed(const onecors_decision *decision);

/* The status that a preflight is answered with; 0 for every other request. */
ngx_uint_t onecors_preflight_status(const onecors_decision *decision);

/* Whether the request asks for a WebSocket that its origin may not have. */
ngx_uint_t onecors_is_refused(const onecors_decision *decision);

/* Puts the fields of a decision into a response that is about to start. */
ngx_int_t onecors_apply(ngx_http_request_t *r, const onecors_decision *decision);

/*
 * Logs a denial, unless this worker has.
 *
 * A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict,
 * pattern and difference: the document bounds their number, so that nobody can use them up. Any
 * other is a stranger's. It is logged once for each verdict and origin, up to 1,000 of them.
 */
void onecors_log_denial(ngx_http_request_t *r, const onecors_decision *decision);

/* A place in the lines of a message. Begin with onecors_lines_of. */
typedef struct {
    const ngx_list_part_t *part;
    ngx_uint_t next;
} onecors_lines;

onecors_lines onecors_lines_of(const ngx_list_t *headers);

/* The next line that nginx has not taken out; NULL after the last one. */
ngx_table_elt_t *onecors_next_line(onecors_lines *lines);

/* Whether a line has this name, whatever its case. */
ngx_uint_t onecors_is_named(const ngx_table_elt_t *line, onecors_str name);

/* Whether one of the members of a comma-separated list is this token, whatever its case. */
ngx_uint_t onecors_has_token(onecors_str list, onecors_str token);

/* A value without the white space around it. nginx takes off spaces, and leaves tabs. */
onecors_str onecors_trimmed(onecors_str value);

static inline onecors_str onecors_str_of(ngx_str_t text) {
    onecors_str str = {(const char *)text.data, text.len};
    return str;
}

#endif
