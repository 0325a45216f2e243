#include "onecors_module.h"

/* How many strangers are logged, and how many other origins are remembered. */
enum { MOST_DENIALS = 1000, ORIGIN_BYTES = 512 };

typedef enum { KNOWN, FRESH, LAST_STRANGER } novelty;

typedef struct {
    u_char bytes[sizeof(uint32_t) + ORIGIN_BYTES];
    size_t len;
} denial_key;

/* The verdict, which implies reason and rule, and the first bytes of the origin. */
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

/* The verdict, and the number of a pattern and a difference. */
static denial_key near_key_of(const onecors_decision *decision, uint64_t pattern) {
    denial_key key;
    ngx_memcpy(key.bytes, &decision->verdict, sizeof(uint32_t));
    ngx_memcpy(key.bytes + sizeof(uint32_t), &pattern, sizeof pattern);
    key.len = sizeof(uint32_t) + sizeof pattern;
    return key;
}

static ngx_uint_t contains(ngx_rbtree_t *tree, denial_key *key) {
    ngx_str_t text = {key->len, key->bytes};
    return ngx_str_rbtree_lookup(tree, &text, ngx_crc32_short(key->bytes, key->len)) != NULL;
}

/* Adds a key that the tree does not have. Returns 0 without memory. */
static ngx_uint_t add(ngx_rbtree_t *tree, ngx_pool_t *pool, denial_key *key) {
    ngx_str_node_t *node = ngx_palloc(pool, sizeof(ngx_str_node_t) + key->len);
    if (node == NULL) {
        return 0;
    }
    node->node.key = ngx_crc32_short(key->bytes, key->len);
    node->str.data = (u_char *)(node + 1);
    node->str.len = key->len;
    ngx_memcpy(node->str.data, key->bytes, key->len);
    ngx_rbtree_insert(tree, &node->node);
    return 1;
}

/* A request from a page of the server's own origin is not a denial: the page needs no permission.
 */
static ngx_uint_t is_own(const onecors_decision *decision) {
    return onecors_verdict_reason(decision->verdict) == ONECORS_REASON_ORIGIN_NOT_ALLOWED &&
           onecors_check_origin(decision->loaded->policy, &decision->request, decision->host);
}

/* Remembers a denial, and returns whether to log it. */
static novelty remember(onecors_loaded *loaded, const onecors_decision *decision) {
    denial_key key = key_of(decision);
    if (contains(&loaded->denials, &key)) {
        return KNOWN;
    }
    const uint64_t pattern = onecors_nearest_pattern(loaded->policy, &decision->request);
    const ngx_uint_t is_full = loaded->stranger_count == MOST_DENIALS;
    if ((pattern == 0 && is_full) || is_own(decision)) {
        return KNOWN;
    }
    if (pattern == 0) {
        if (!add(&loaded->denials, loaded->pool, &key)) {
            return KNOWN;
        }
        loaded->denial_count++;
        return ++loaded->stranger_count == MOST_DENIALS ? LAST_STRANGER : FRESH;
    }
    if (loaded->denial_count < 2 * MOST_DENIALS && add(&loaded->denials, loaded->pool, &key)) {
        loaded->denial_count++;
    }
    denial_key near_key = near_key_of(decision, pattern);
    const ngx_uint_t is_new = !contains(&loaded->near_denials, &near_key) &&
                              add(&loaded->near_denials, loaded->pool, &near_key);
    return is_new ? FRESH : KNOWN;
}

void onecors_log_denial(ngx_http_request_t *r, const onecors_decision *decision) {
    onecors_loaded *loaded = decision->loaded;
    /* Without the handler, which adds the request line unescaped. */
    ngx_log_t log = *r->connection->log;
    log.handler = NULL;
    if (!onecors_is_governed(decision) || log.log_level < NGX_LOG_WARN ||
        onecors_verdict_reason(decision->verdict) == ONECORS_REASON_NONE) {
        return;
    }
    const novelty found = remember(loaded, decision);
    if (found == KNOWN) {
        return;
    }
    onecors_string *summary;
    if (onecors_summarize(loaded->policy, &decision->request, &summary) == ONECORS_OK) {
        const onecors_str text = onecors_string_view(summary);
        ngx_log_error(NGX_LOG_WARN, &log, 0, "onecors: %*s, client: %V", text.len, text.data,
                      &r->connection->addr_text);
        onecors_string_free(summary);
    }
    if (found == LAST_STRANGER) {
        ngx_log_error(NGX_LOG_WARN, &log, 0,
                      "onecors: %d denials of unknown origins were logged by this worker, and no "
                      "more are until nginx is reloaded; near misses are",
                      MOST_DENIALS);
    }
}
