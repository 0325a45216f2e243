#include "onecors_module.h"

static ngx_int_t read_file(ngx_conf_t *cf, const ngx_str_t *file, ngx_str_t *document);
static ngx_int_t read_all(ngx_conf_t *cf, ngx_file_t *file, ngx_str_t *document);
static void log_file_error(ngx_conf_t *cf, ngx_uint_t level, ngx_err_t number,
                           const ngx_str_t *file, const char *what);
static void log_error(ngx_conf_t *cf, const ngx_str_t *file, const onecors_error *error);
static void log_problem(ngx_conf_t *cf, onecors_str file, const onecors_error *error, size_t i);
static void free_policy(void *data);

onecors_loaded *onecors_load(ngx_conf_t *cf, const ngx_str_t *file) {
    ngx_str_t document;
    if (read_file(cf, file, &document) != NGX_OK) {
        return NULL;
    }
    onecors_loaded *loaded = ngx_pcalloc(cf->pool, sizeof(onecors_loaded));
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (loaded == NULL || cleanup == NULL) {
        ngx_free(document.data);
        return NULL;
    }
    onecors_error *error;
    const onecors_result result =
        onecors_policy_new((const char *)document.data, document.len, &loaded->policy, &error);
    ngx_free(document.data);
    if (result != ONECORS_OK) {
        log_error(cf, file, error);
        onecors_error_free(error);
        return NULL;
    }
    cleanup->handler = free_policy;
    cleanup->data = loaded->policy;
    loaded->file = *file;
    loaded->pool = cf->pool;
    ngx_rbtree_init(&loaded->denials, &loaded->sentinel, ngx_str_rbtree_insert_value);
    ngx_rbtree_init(&loaded->near_denials, &loaded->sentinel, ngx_str_rbtree_insert_value);
    return loaded;
}

static void free_policy(void *data) {
    onecors_policy_release(data);
}

static ngx_int_t read_file(ngx_conf_t *cf, const ngx_str_t *name, ngx_str_t *document) {
    ngx_file_t file;
    ngx_memzero(&file, sizeof(ngx_file_t));
    file.name = *name;
    file.log = cf->log;
    /* Non-blocking, so that a FIFO is refused instead of waited for. */
    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY | NGX_FILE_NONBLOCK, NGX_FILE_OPEN, 0);
    if (file.fd == NGX_INVALID_FILE) {
        log_file_error(cf, NGX_LOG_EMERG, ngx_errno, name, "cannot be opened");
        return NGX_ERROR;
    }
    const ngx_int_t rc = read_all(cf, &file, document);
    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        log_file_error(cf, NGX_LOG_ALERT, ngx_errno, name, "cannot be closed");
    }
    return rc;
}

/* Reads at most one byte more than a document may have: enough for the engine to refuse it. */
static ngx_int_t read_all(ngx_conf_t *cf, ngx_file_t *file, ngx_str_t *document) {
    const size_t most = (size_t)ONECORS_MAX_DOCUMENT_BYTES + 1;
    if (ngx_fd_info(file->fd, &file->info) == NGX_FILE_ERROR || !ngx_is_file(&file->info)) {
        log_file_error(cf, NGX_LOG_EMERG, 0, &file->name,
                       "is not a file: write the path of a policy document");
        return NGX_ERROR;
    }
    const size_t size = ngx_min((size_t)ngx_file_size(&file->info), most);
    u_char *data = ngx_alloc(size + 1, cf->log);
    if (data == NULL) {
        return NGX_ERROR;
    }
    size_t len = 0;
    while (len < size) {
        const ssize_t count = ngx_read_file(file, data + len, size - len, (off_t)len);
        if (count == NGX_ERROR) {
            log_file_error(cf, NGX_LOG_EMERG, 0, &file->name, "cannot be read");
            ngx_free(data);
            return NGX_ERROR;
        }
        if (count == 0) {
            break;
        }
        len += (size_t)count;
    }
    document->data = data;
    document->len = len;
    return NGX_OK;
}

/* Untrusted text, safe for the log. */
static onecors_string *printable(const ngx_str_t *text) {
    const onecors_str str = {(const char *)text->data, text->len};
    return onecors_printable(str);
}

static void log_file_error(ngx_conf_t *cf, ngx_uint_t level, ngx_err_t number,
                           const ngx_str_t *file, const char *what) {
    onecors_string *name = printable(file);
    const onecors_str shown = onecors_string_view(name);
    ngx_conf_log_error(level, cf, number, "onecors: %*s %s", shown.len, shown.data, what);
    onecors_string_free(name);
}

/* Logs a line for each problem: its place, what is wrong, what to write instead. */
static void log_error(ngx_conf_t *cf, const ngx_str_t *file, const onecors_error *error) {
    onecors_string *name = printable(file);
    const onecors_str shown = onecors_string_view(name);
    const size_t count = onecors_problem_count(error);
    if (count == 0) {
        const onecors_str text = onecors_error_text(error);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "onecors: %*s: %*s", shown.len, shown.data,
                           text.len, text.data);
    }
    for (size_t i = 0; i < count; i++) {
        log_problem(cf, shown, error, i);
    }
    onecors_string_free(name);
}

/* Pointers and help have the document's own characters, unescaped. */
static void log_problem(ngx_conf_t *cf, onecors_str file, const onecors_error *error, size_t i) {
    onecors_string *pointer = onecors_printable(onecors_problem_pointer(error, i));
    onecors_string *instead = onecors_printable(onecors_problem_help(error, i));
    const onecors_str what = onecors_problem_message(error, i);
    const onecors_str help = onecors_string_view(instead);
    onecors_str where = onecors_string_view(pointer);
    if (where.len == 0) {
        where = onecors_str_from("the document");
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "onecors: %*s: %*s: %*s%s%*s", file.len, file.data,
                       where.len, where.data, what.len, what.data, help.len > 0 ? "; help: " : "",
                       help.len, help.data);
    onecors_string_free(pointer);
    onecors_string_free(instead);
}
