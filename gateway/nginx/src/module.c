#include "onecors_module.h"

typedef struct {
    /* Each policy file once: an array of onecors_loaded pointers. */
    ngx_array_t files;
} main_conf;

typedef struct {
    /* NULL without a policy. */
    onecors_loaded *loaded;
} location_conf;

static ngx_http_output_header_filter_pt next_header_filter;

/* Runs once for a request, before any directive can change or redirect it. */
static ngx_int_t on_request(ngx_http_request_t *r) {
    return onecors_remember(r) == NULL ? NGX_HTTP_INTERNAL_SERVER_ERROR : NGX_DECLINED;
}

/* Decides with the policy of the location, unless the request was decided before. */
static void decide(ngx_http_request_t *r, onecors_decision *decision) {
    if (decision->is_decided) {
        return;
    }
    const location_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_onecors_module);
    onecors_decide_by(decision, conf->loaded);
    onecors_log_denial(r, decision);
}

/* Turns the response into the answer to a preflight: a status, the fields of the policy, no body.
 */
static void make_answer(ngx_http_request_t *r, ngx_uint_t status) {
    r->err_status = 0;
    r->headers_out.status = status;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;
    r->disable_not_modified = 1;
}

/*
 * Runs when the location is known, before its directives: the handlers of a phase run in reverse
 * order, and this module is registered after nginx's own. So `return`, `rewrite`, access, limits
 * and proxies come after.
 */
static ngx_int_t on_location(ngx_http_request_t *r) {
    onecors_decision *decision = r == r->main ? onecors_remembered(r) : NULL;
    if (decision == NULL || decision->is_decided) {
        return NGX_DECLINED;
    }
    decide(r, decision);
    if (onecors_is_refused(decision)) {
        return NGX_HTTP_FORBIDDEN;
    }
    const ngx_uint_t status = onecors_preflight_status(decision);
    if (status == 0) {
        return NGX_DECLINED;
    }
    const ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    decision->is_answered = 1;
    make_answer(r, status);
    return ngx_http_send_header(r);
}

/*
 * Runs for every response, whatever produced it, after all filters that add fields. What the server
 * answers without a location (`return` in a server, the redirect to a folder's slash, 413, the 404
 * of an internal location) is decided here; if it is the answer to a preflight, it is replaced.
 */
static ngx_int_t on_response(ngx_http_request_t *r) {
    onecors_decision *decision = r == r->main ? onecors_remembered(r) : NULL;
    if (decision == NULL) {
        return next_header_filter(r);
    }
    decide(r, decision);
    const ngx_uint_t status = onecors_preflight_status(decision);
    if (status != 0 && !decision->is_answered) {
        decision->is_answered = 1;
        ngx_http_clean_header(r);
        make_answer(r, status);
    }
    if (onecors_apply(r, decision) != NGX_OK) {
        return NGX_ERROR;
    }
    return next_header_filter(r);
}

static ngx_int_t show(ngx_http_variable_value_t *value, onecors_str code) {
    value->data = (u_char *)code.data;
    value->len = (unsigned)code.len;
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = code.len == 0;
    return NGX_OK;
}

static ngx_int_t show_outcome(ngx_http_request_t *r, ngx_http_variable_value_t *value,
                              uintptr_t data) {
    const onecors_decision *decision = onecors_remembered(r->main);
    (void)data;
    if (decision == NULL || decision->loaded == NULL) {
        return show(value, onecors_outcome_code(UINT32_MAX));
    }
    return show(value, onecors_outcome_code(onecors_verdict_outcome(decision->verdict)));
}

static ngx_int_t show_reason(ngx_http_request_t *r, ngx_http_variable_value_t *value,
                             uintptr_t data) {
    const onecors_decision *decision = onecors_remembered(r->main);
    (void)data;
    if (decision == NULL || decision->loaded == NULL) {
        return show(value, onecors_reason_code(ONECORS_REASON_NONE));
    }
    return show(value, onecors_reason_code(onecors_verdict_reason(decision->verdict)));
}

static ngx_http_variable_t variables[] = {
    {ngx_string("onecors_outcome"), NULL, show_outcome, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("onecors_reason"), NULL, show_reason, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    ngx_http_null_variable,
};

static ngx_int_t add_variables(ngx_conf_t *cf) {
    for (ngx_http_variable_t *each = variables; each->name.len > 0; each++) {
        ngx_http_variable_t *added = ngx_http_add_variable(cf, &each->name, each->flags);
        if (added == NULL) {
            return NGX_ERROR;
        }
        added->get_handler = each->get_handler;
    }
    return NGX_OK;
}

static ngx_int_t add_handler(ngx_conf_t *cf, ngx_http_phases phase, ngx_http_handler_pt handler) {
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *added = ngx_array_push(&core->phases[phase].handlers);
    if (added == NULL) {
        return NGX_ERROR;
    }
    *added = handler;
    return NGX_OK;
}

/* Without a policy the module adds no cost to a request. */
static ngx_int_t take_place(ngx_conf_t *cf) {
    const main_conf *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_onecors_module);
    if (conf->files.nelts == 0) {
        return NGX_OK;
    }
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = on_response;
    if (add_handler(cf, NGX_HTTP_POST_READ_PHASE, on_request) != NGX_OK) {
        return NGX_ERROR;
    }
    return add_handler(cf, NGX_HTTP_REWRITE_PHASE, on_location);
}

static void *create_main_conf(ngx_conf_t *cf) {
    main_conf *conf = ngx_pcalloc(cf->pool, sizeof(main_conf));
    if (conf == NULL ||
        ngx_array_init(&conf->files, cf->pool, 4, sizeof(onecors_loaded *)) != NGX_OK) {
        return NULL;
    }
    return conf;
}

static void *create_location_conf(ngx_conf_t *cf) {
    location_conf *conf = ngx_pcalloc(cf->pool, sizeof(location_conf));
    if (conf != NULL) {
        conf->loaded = NGX_CONF_UNSET_PTR;
    }
    return conf;
}

static char *merge_location_conf(ngx_conf_t *cf, void *parent, void *child) {
    const location_conf *outer = parent;
    location_conf *inner = child;
    (void)cf;
    ngx_conf_merge_ptr_value(inner->loaded, outer->loaded, NULL);
    return NGX_CONF_OK;
}

/* The policy of a file, which is read once per configuration. */
static onecors_loaded *load_once(ngx_conf_t *cf, const ngx_str_t *file) {
    main_conf *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_onecors_module);
    onecors_loaded **files = conf->files.elts;
    for (ngx_uint_t i = 0; i < conf->files.nelts; i++) {
        if (files[i]->file.len == file->len &&
            ngx_memcmp(files[i]->file.data, file->data, file->len) == 0) {
            return files[i];
        }
    }
    onecors_loaded *loaded = onecors_load(cf, file);
    onecors_loaded **place = loaded == NULL ? NULL : ngx_array_push(&conf->files);
    if (place == NULL) {
        return NULL;
    }
    *place = loaded;
    return loaded;
}

static char *set_policy(ngx_conf_t *cf, ngx_command_t *command, void *data) {
    location_conf *conf = data;
    ngx_str_t file = ((ngx_str_t *)cf->args->elts)[1];
    (void)command;
    if (conf->loaded != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (ngx_strcmp(file.data, "off") == 0) {
        conf->loaded = NULL;
        return NGX_CONF_OK;
    }
    if (file.len == 0) {
        return "needs the path of a policy document, or off";
    }
    if (ngx_conf_full_name(cf->cycle, &file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }
    conf->loaded = load_once(cf, &file);
    return conf->loaded == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}

static ngx_command_t commands[] = {
    {ngx_string("onecors_policy"),
     NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, set_policy,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    ngx_null_command,
};

static ngx_http_module_t context = {
    add_variables, take_place, create_main_conf,     NULL,
    NULL,          NULL,       create_location_conf, merge_location_conf,
};

ngx_module_t ngx_http_onecors_module = {
    NGX_MODULE_V1, &context, commands, NGX_HTTP_MODULE,       NULL, NULL, NULL, NULL,
    NULL,          NULL,     NULL,     NGX_MODULE_V1_PADDING,
};
