#include "onecors_module.h"

/* Whether a field of a response on a governed path is the policy's alone. */
static ngx_uint_t is_owned(const ngx_table_elt_t *line) {
    const onecors_str allow = onecors_str_from("Access-Control-Allow-");
    if (line->key.len > allow.len &&
        ngx_strncasecmp(line->key.data, (u_char *)allow.data, allow.len) == 0) {
        return 1;
    }
    return onecors_is_named(line, onecors_str_from("Access-Control-Expose-Headers")) ||
           onecors_is_named(line, onecors_str_from("Access-Control-Max-Age"));
}

/* Takes a line out of a response: nginx leaves out those whose hash is 0. */
static void take_out(ngx_table_elt_t *line) {
    line->hash = 0;
}

static ngx_int_t add(ngx_http_request_t *r, onecors_str name, onecors_str value) {
    ngx_table_elt_t *line = ngx_list_push(&r->headers_out.headers);
    if (line == NULL) {
        return NGX_ERROR;
    }
    ngx_memzero(line, sizeof(ngx_table_elt_t));
    line->hash = 1;
    line->key.data = (u_char *)name.data;
    line->key.len = name.len;
    line->value.data = (u_char *)value.data;
    line->value.len = value.len;
    return NGX_OK;
}

/* What the lines of Vary say together, with what is to be merged into them. */
typedef struct {
    onecors_str merged;
    char *end;
} vary_list;

static void append(vary_list *list, onecors_str member) {
    if (member.len > 0) {
        list->end =
            list->end == list->merged.data ? list->end : (char *)ngx_cpymem(list->end, ", ", 2);
        list->end = (char *)ngx_cpymem(list->end, member.data, member.len);
        list->merged.len = (size_t)(list->end - list->merged.data);
    }
}

/* Whether nginx is about to write a line for gzip by itself, after the last filter. */
static ngx_uint_t varies_by_gzip(ngx_http_request_t *r) {
#if (NGX_HTTP_GZIP)
    const ngx_http_core_loc_conf_t *core = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    return r->gzip_vary && core->gzip_vary;
#else
    (void)r;
    return 0;
#endif
}

static void take_out_vary(ngx_http_request_t *r) {
    const onecors_str vary = onecors_str_from("Vary");
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    ngx_table_elt_t *line;
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_named(line, vary)) {
            take_out(line);
        }
    }
#if (NGX_HTTP_GZIP)
    r->gzip_vary = 0;
#endif
}

/* Room for all lines of Vary in one, the one of gzip, and so many bytes more. */
static ngx_int_t make_room(ngx_http_request_t *r, size_t more, vary_list *list) {
    const onecors_str vary = onecors_str_from("Vary");
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    const ngx_table_elt_t *line;
    size_t room = sizeof("Accept-Encoding, ") + more;
    while ((line = onecors_next_line(&lines)) != NULL) {
        room += onecors_is_named(line, vary) ? line->value.len + 2 : 0;
    }
    list->end = ngx_pnalloc(r->pool, room);
    list->merged.data = list->end;
    list->merged.len = 0;
    return list->end == NULL ? NGX_ERROR : NGX_OK;
}

/* What the response varies by so far. */
static void collect(ngx_http_request_t *r, vary_list *list) {
    const onecors_str vary = onecors_str_from("Vary");
    const onecors_str gzip = onecors_str_from("Accept-Encoding");
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    const ngx_table_elt_t *line;
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_named(line, vary)) {
            append(list, onecors_trimmed(onecors_str_of(line->value)));
        }
    }
    if (varies_by_gzip(r) && !onecors_has_token(list->merged, gzip)) {
        append(list, gzip);
    }
}

/* Merges the plan's tokens into Vary, in one line. `Vary: *` says all there is to say. */
static ngx_int_t merge_vary(ngx_http_request_t *r, const onecors_policy *policy, size_t plan) {
    const size_t count = onecors_plan_vary_count(policy, plan);
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        room += onecors_plan_vary(policy, plan, i).len + 2;
    }
    vary_list list;
    if (count == 0) {
        return NGX_OK;
    }
    if (make_room(r, room, &list) != NGX_OK) {
        return NGX_ERROR;
    }
    collect(r, &list);
    if (onecors_has_token(list.merged, onecors_str_from("*"))) {
        return NGX_OK;
    }
    for (size_t i = 0; i < count; i++) {
        const onecors_str token = onecors_plan_vary(policy, plan, i);
        if (!onecors_has_token(list.merged, token)) {
            append(&list, token);
        }
    }
    take_out_vary(r);
    return add(r, onecors_str_from("Vary"), list.merged);
}

ngx_int_t onecors_apply(ngx_http_request_t *r, const onecors_decision *decision) {
    if (!onecors_is_governed(decision)) {
        return NGX_OK;
    }
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    ngx_table_elt_t *line;
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (is_owned(line)) {
            take_out(line);
        }
    }
    const onecors_policy *policy = decision->loaded->policy;
    const size_t plan = onecors_verdict_plan(decision->verdict);
    onecors_header headers[ONECORS_MAX_HEADERS];
    size_t count;
    /* After an error, as where the verdict is a failed one, there are none. */
    (void)!onecors_render(policy, decision->verdict, &decision->request, headers,
                          ONECORS_MAX_HEADERS, &count);
    if (count > 0 && onecors_plan_vary_count(policy, plan) > 0) {
        count--; /* Vary, the last one, is merged. */
    }
    for (size_t i = 0; i < count; i++) {
        if (add(r, headers[i].name, headers[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return merge_vary(r, policy, plan);
}
