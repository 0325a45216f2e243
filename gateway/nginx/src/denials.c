#include "onecors_module.h"

enum { MOST_DENIALS = 1000, ORIGIN_BYTES = 512 };

typedef struct {
    u_char bytes[sizeof(uint32_t) + ORIGIN_BYTES];
    size_t len;
} denial_key;

/* The verdict, which stands for reason and rule, and the origin as far as it is remembered. */
static denial_key key_of(const onecors_decision *decision) {
    const onecors_str origin = decision->request.origin;
    const size_t len = origin.len == ONECORS_ABSENT ? 0 : ngx_min(origin.len, ORIGIN_BYTES);
    denial_key key;
    ngx_memcpy(key.bytes, &decision->verdict, sizeof(uint32_t));
    if (len > 0) {
        ngx_memcpy(key.bytes + sizeof(uint32_t), origin.data, len);
    }
    key.len = sizeof(uint32_t) + len;
    return key;
}

/* Whether it was not known, and is remembered now. */
static ngx_uint_t remember(onecors_loaded *loaded, const onecors_decision *decision) {
    denial_key key = key_of(decision);
    ngx_str_t text = {key.len, key.bytes};
    const uint32_t hash = ngx_crc32_short(key.bytes, key.len);
    if (ngx_str_rbtree_lookup(&loaded->denials, &text, hash) != NULL) {
        return 0;
    }
    /* A page of the server's own origin is not denied anything: it needs no permission. */
    if (onecors_verdict_reason(decision->verdict) == ONECORS_REASON_ORIGIN_NOT_ALLOWED &&
        onecors_check_origin(loaded->policy, &decision->request, decision->host)) {
        return 0;
    }
    ngx_str_node_t *node = ngx_palloc(loaded->pool, sizeof(ngx_str_node_t) + key.len);
    if (node == NULL) {
        return 0;
    }
    node->node.key = hash;
    node->str.data = (u_char *)(node + 1);
    node->str.len = key.len;
    ngx_memcpy(node->str.data, key.bytes, key.len);
    ngx_rbtree_insert(&loaded->denials, &node->node);
    loaded->denial_count++;
    return 1;
}

void onecors_log_denial(ngx_http_request_t *r, const onecors_decision *decision) {
    onecors_loaded *loaded = decision->loaded;
    /* Without the handler, which adds the request line, and with it what is not escaped. */
    ngx_log_t log = *r->connection->log;
    log.handler = NULL;
    if (!onecors_is_governed(decision) || loaded->denial_count == MOST_DENIALS ||
        log.log_level < NGX_LOG_WARN ||
        onecors_verdict_reason(decision->verdict) == ONECORS_REASON_NONE ||
        !remember(loaded, decision)) {
        return;
    }
    onecors_string *summary;
    if (onecors_summarize(loaded->policy, &decision->request, &summary) == ONECORS_OK) {
        const onecors_str text = onecors_string_view(summary);
        ngx_log_error(NGX_LOG_WARN, &log, 0, "onecors: %*s, client: %V", text.len, text.data,
                      &r->connection->addr_text);
        onecors_string_free(summary);
    }
    if (loaded->denial_count == MOST_DENIALS) {
        ngx_log_error(NGX_LOG_WARN, &log, 0,
                      "onecors: %d different denials were logged by this worker, and no more are "
                      "until nginx is reloaded",
                      MOST_DENIALS);
    }
}
