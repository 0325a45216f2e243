#include "onecors_module.h"

/* Removes a line from a response: nginx does not send lines whose hash is 0. */
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

/* Whether nginx will add a line for gzip itself, after the last filter. */
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

/* The values of the response's Vary lines, with the one for gzip. */
typedef struct {
    onecors_str *lines;
    size_t count;
} vary_lines;

static ngx_int_t read_vary(ngx_http_request_t *r, vary_lines *vary) {
    const onecors_str name = onecors_str_from("Vary");
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    const ngx_table_elt_t *line;
    ngx_uint_t has_gzip = !varies_by_gzip(r);
    size_t room = !has_gzip;
    while ((line = onecors_next_line(&lines)) != NULL) {
        room += onecors_is_named(line, name);
    }
    if (room == 0) {
        return NGX_OK;
    }
    vary->lines = ngx_palloc(r->pool, room * sizeof(onecors_str));
    if (vary->lines == NULL) {
        return NGX_ERROR;
    }
    const onecors_str gzip = onecors_str_from("Accept-Encoding");
    lines = onecors_lines_of(&r->headers_out.headers);
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_named(line, name)) {
            const onecors_str value = onecors_str_of(line->value);
            has_gzip = has_gzip || onecors_has_token(value, gzip);
            vary->lines[vary->count++] = value;
        }
    }
    if (!has_gzip) {
        vary->lines[vary->count++] = gzip;
    }
    return NGX_OK;
}

/* Sets a copy of the text as the only line of Vary. */
static ngx_int_t replace_vary(ngx_http_request_t *r, onecors_str text) {
    char *copy = ngx_pnalloc(r->pool, text.len);
    if (copy == NULL) {
        return NGX_ERROR;
    }
    ngx_memcpy(copy, text.data, text.len);
    text.data = copy;
    take_out_vary(r);
    return add(r, onecors_str_from("Vary"), text);
}

/* Merges the plan's tokens and the lines of Vary into one line, unless the lines have the tokens.
 */
static ngx_int_t merge_vary(ngx_http_request_t *r, const onecors_policy *policy, size_t plan,
                            const vary_lines *vary) {
    onecors_string *merged;
    if (onecors_merge_vary(policy, plan, vary->lines, vary->count, &merged) != ONECORS_OK) {
        return NGX_ERROR;
    }
    if (merged == NULL) {
        return NGX_OK;
    }
    const ngx_int_t result = replace_vary(r, onecors_string_view(merged));
    onecors_string_free(merged);
    return result;
}

static void take_out_owned(ngx_http_request_t *r) {
    onecors_lines lines = onecors_lines_of(&r->headers_out.headers);
    ngx_table_elt_t *line;
    while ((line = onecors_next_line(&lines)) != NULL) {
        if (onecors_is_owned(onecors_str_of(line->key))) {
            take_out(line);
        }
    }
}

ngx_int_t onecors_apply(ngx_http_request_t *r, const onecors_decision *decision) {
    if (!onecors_is_governed(decision)) {
        return NGX_OK;
    }
    take_out_owned(r);
    const onecors_policy *policy = decision->loaded->policy;
    const size_t plan = onecors_verdict_plan(decision->verdict);
    vary_lines vary = {NULL, 0};
    if (onecors_plan_vary_count(policy, plan) > 0 && read_vary(r, &vary) != NGX_OK) {
        return NGX_ERROR;
    }
    const ngx_uint_t merges = vary.count > 0;
    onecors_header headers[ONECORS_MAX_HEADERS];
    size_t count;
    /* After an error, such as a failed verdict, there are none. */
    (void)!onecors_render(policy, decision->verdict, &decision->request, headers,
                          ONECORS_MAX_HEADERS, &count);
    if (count > 0 && merges) {
        count--; /* Vary, the last one, which is merged instead. */
    }
    for (size_t i = 0; i < count; i++) {
        if (add(r, headers[i].name, headers[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return merges ? merge_vary(r, policy, plan, &vary) : NGX_OK;
}
