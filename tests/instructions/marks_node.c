// The marks as a module of Node. What it uses of Node-API is declared here, for not every machine
// that has Node has its headers.

#include <stddef.h>

void marks_begin(void);
void marks_end(void);

typedef struct environment *Environment;
typedef struct value *Value;
typedef struct call *Call;
typedef Value (*Callback)(Environment environment, Call call);

int napi_create_function(Environment environment, const char *name, size_t length,
                         Callback callback, void *data, Value *function);
int napi_set_named_property(Environment environment, Value object, const char *name, Value value);
Value napi_register_module_v1(Environment environment, Value exports);

static Value begin(Environment environment, Call call) {
    (void)environment;
    (void)call;
    marks_begin();
    return NULL;
}

static Value end(Environment environment, Call call) {
    (void)environment;
    (void)call;
    marks_end();
    return NULL;
}

Value napi_register_module_v1(Environment environment, Value exports) {
    Value function = NULL;
    napi_create_function(environment, "begin", 5, begin, NULL, &function);
    napi_set_named_property(environment, exports, "begin", function);
    napi_create_function(environment, "end", 3, end, NULL, &function);
    napi_set_named_property(environment, exports, "end", function);
    return exports;
}
