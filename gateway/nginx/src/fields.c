#include "onecors_module.h"

onecors_lines onecors_lines_of(const ngx_list_t *headers) {
    const onecors_lines lines = {&headers->part, 0};
    return lines;
}

ngx_table_elt_t *onecors_next_line(onecors_lines *lines) {
    while (lines->part != NULL) {
        if (lines->next >= lines->part->nelts) {
            lines->part = lines->part->next;
            lines->next = 0;
            continue;
        }
        ngx_table_elt_t *line = (ngx_table_elt_t *)lines->part->elts + lines->next++;
        if (line->hash != 0) {
            return line;
        }
    }
    return NULL;
}

static ngx_uint_t equal_ignoring_case(onecors_str one, onecors_str other) {
    return one.len == other.len &&
           ngx_strncasecmp((u_char *)one.data, (u_char *)other.data, one.len) == 0;
}

ngx_uint_t onecors_is_named(const ngx_table_elt_t *line, onecors_str name) {
    return equal_ignoring_case(onecors_str_of(line->key), name);
}

static ngx_uint_t is_space(char byte) {
    return byte == ' ' || byte == '\t';
}

onecors_str onecors_trimmed(onecors_str value) {
    while (value.len > 0 && is_space(value.data[0])) {
        value.data++;
        value.len--;
    }
    while (value.len > 0 && is_space(value.data[value.len - 1])) {
        value.len--;
    }
    return value;
}

ngx_uint_t onecors_has_token(onecors_str list, onecors_str token) {
    while (list.len > 0) {
        const char *comma = memchr(list.data, ',', list.len);
        onecors_str member = list;
        if (comma != NULL) {
            member.len = (size_t)(comma - list.data);
        }
        const size_t taken = comma != NULL ? member.len + 1 : member.len;
        list.data += taken;
        list.len -= taken;
        if (equal_ignoring_case(onecors_trimmed(member), token)) {
            return 1;
        }
    }
    return 0;
}
