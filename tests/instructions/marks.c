// Where a program's measurement begins and ends. Between the two, callgrind counts instructions;
// the end writes what was counted to a file of its own. Without valgrind they do nothing.

#include <valgrind/callgrind.h>

void marks_begin(void);
void marks_end(void);
void Java_Measured_begin(void *environment, void *class);
void Java_Measured_end(void *environment, void *class);

void marks_begin(void) {
    CALLGRIND_START_INSTRUMENTATION;
}

void marks_end(void) {
    CALLGRIND_DUMP_STATS;
    CALLGRIND_STOP_INSTRUMENTATION;
}

// The native methods of Measured.java.
void Java_Measured_begin(void *environment, void *class) {
    (void)environment;
    (void)class;
    marks_begin();
}

void Java_Measured_end(void *environment, void *class) {
    (void)environment;
    (void)class;
    marks_end();
}
