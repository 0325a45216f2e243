#include "onecors_module.h"

/* This handler marks the cleanup of a request's pool that holds the decision. There is nothing to
 * free. */
static void keep(void *data) {
    (void)data;
}

/*
 * The path as the client sent it, without the query. nginx forwards it unchanged if proxy_pass has
 * no path of its own.
 */
static onecors_str path_of(onecors_str target) {
    const char *query = memchr(target.data, '?', target.len);
    if (query != NULL) {
        target.len = (size_t)(query - target.data);
    }
    return target;
}

static void join(const ngx_http_request_t *r, onecors_str name, char *joined) {
    onecors_lines lines = onecors_lines_of(&r->headers_in.headers);
    const ngx_table_elt_t *line;
    char *last = joined;
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_named(line, name)) {
            const onecors_str value = onecors_trimmed(onecors_str_of(line->value));
            last = last == joined ? last : (char *)ngx_cpymem(last, ", ", 2);
            last = (char *)ngx_cpymem(last, value.data, value.len);
        }
    }
}

/*
 * The value of a field, its lines joined (RFC 9110, 5.3): not more than a part of the header that
 * nginx has read. Running out of memory is an error, because an absent field would be allowed.
 */
static ngx_int_t read_field(const ngx_http_request_t *r, const char *name, onecors_str *field) {
    const onecors_str wanted = onecors_str_from(name);
    onecors_lines lines = onecors_lines_of(&r->headers_in.headers);
    const ngx_table_elt_t *line;
    ngx_uint_t count = 0;
    size_t len = 0;
    *field = onecors_str_from(NULL);
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_named(line, wanted)) {
            *field = onecors_trimmed(onecors_str_of(line->value));
            len += field->len + (count++ > 0 ? 2 : 0);
        }
    }
    if (count < 2) {
        return NGX_OK;
    }
    char *joined = ngx_pnalloc(r->pool, len);
    if (joined == NULL) {
        return NGX_ERROR;
    }
    join(r, wanted, joined);
    field->data = joined;
    field->len = len;
    return NGX_OK;
}

/* The fields that a decision reads, each for the methods in which it matters. */
static ngx_int_t read_fields(const ngx_http_request_t *r, onecors_decision *decision) {
    onecors_request *request = &decision->request;
    if (read_field(r, "Origin", &request->origin) != NGX_OK ||
        read_field(r, "Host", &decision->host) != NGX_OK) {
        return NGX_ERROR;
    }
    if (r->method == NGX_HTTP_OPTIONS) {
        if (read_field(r, "Access-Control-Request-Method",
                       &request->access_control_request_method) != NGX_OK ||
            read_field(r, "Access-Control-Request-Headers",
                       &request->access_control_request_headers) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    if (r->method == NGX_HTTP_GET) {
        onecors_str upgrade;
        if (read_field(r, "Upgrade", &upgrade) != NGX_OK) {
            return NGX_ERROR;
        }
        decision->is_handshake = upgrade.len != ONECORS_ABSENT &&
                                 onecors_has_token(upgrade, onecors_str_from("websocket"));
    }
    return NGX_OK;
}

onecors_decision *onecors_remember(ngx_http_request_t *r) {
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, sizeof(onecors_decision));
    if (cleanup == NULL) {
        return NULL;
    }
    onecors_decision *decision = cleanup->data;
    const onecors_request none = ONECORS_REQUEST_INIT;
    ngx_memzero(decision, sizeof(onecors_decision));
    decision->request = none;
    decision->request.method = onecors_str_of(r->method_name);
    decision->request.path = path_of(onecors_str_of(r->unparsed_uri));
    decision->normal_path = onecors_str_of(r->uri);
    if (read_fields(r, decision) != NGX_OK) {
        return NULL;
    }
    cleanup->handler = keep;
    ngx_http_set_ctx(r, decision, ngx_http_onecors_module);
    return decision;
}

onecors_decision *onecors_remembered(ngx_http_request_t *r) {
    onecors_decision *decision = ngx_http_get_module_ctx(r, ngx_http_onecors_module);
    if (decision != NULL || !(r->internal || r->filter_finalize)) {
        return decision;
    }
    for (ngx_pool_cleanup_t *cleanup = r->pool->cleanup; cleanup; cleanup = cleanup->next) {
        if (cleanup->handler == keep) {
            return cleanup->data;
        }
    }
    return NULL;
}

/* The same request, with the path as nginx reads it. */
static onecors_request read_by_nginx(const onecors_decision *decision) {
    onecors_request request = decision->request;
    request.path = decision->normal_path;
    return request;
}

static ngx_uint_t has_two_readings(const onecors_decision *decision) {
    const onecors_str sent = decision->request.path;
    const onecors_str read = decision->normal_path;
    return sent.len != read.len || ngx_memcmp(sent.data, read.data, sent.len) != 0;
}

static uint32_t decide(const onecors_policy *policy, const onecors_request *request) {
    uint32_t verdict;
    /* After an error it is ONECORS_VERDICT_FAILED, which denies. */
    (void)!onecors_decide(policy, request, &verdict);
    return verdict;
}

void onecors_decide_by(onecors_decision *decision, onecors_loaded *loaded) {
    decision->is_decided = 1;
    decision->loaded = loaded;
    if (loaded == NULL) {
        return;
    }
    decision->verdict = decide(loaded->policy, &decision->request);
    if (has_two_readings(decision)) {
        /*
         * nginx chose the location by its own reading, and the service may use either. If they have
         * different rules, nothing is granted.
         */
        const onecors_request read = read_by_nginx(decision);
        if (decide(loaded->policy, &read) != decision->verdict) {
            decision->verdict = ONECORS_OUTCOME_UNGOVERNED;
        }
    }
}

ngx_uint_t onecors_is_governed(const onecors_decision *decision) {
    return decision->is_decided && decision->loaded != NULL &&
           onecors_verdict_outcome(decision->verdict) != ONECORS_OUTCOME_UNGOVERNED;
}

ngx_uint_t onecors_preflight_status(const onecors_decision *decision) {
    if (!onecors_is_governed(decision)) {
        return 0;
    }
    return onecors_plan_status(decision->loaded->policy, onecors_verdict_plan(decision->verdict));
}

ngx_uint_t onecors_is_refused(const onecors_decision *decision) {
    if (!decision->is_handshake || decision->loaded == NULL) {
        return 0;
    }
    const onecors_policy *policy = decision->loaded->policy;
    const onecors_request read = read_by_nginx(decision);
    return !onecors_check_origin(policy, &decision->request, decision->host) ||
           !onecors_check_origin(policy, &read, decision->host);
}
