/* A check that stops the program and says where. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) check((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define FAIL(what) check(0, what, __FILE__, __LINE__)

static inline void check(int holds, const char *what, const char *file, int line) {
    if (!holds) {
        printf("%s:%d: not as it should be: %s\n", file, line, what);
        exit(1);
    }
}

#endif
