/* SPDX-License-Identifier: MIT
 *
 * cmocka.h - in place of the library, which is not there for a foreign processor: as much of it as
 * the tests of kernels use. The first failure ends the program. */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

#define cmocka_unit_test(f)                                                                        \
    { #f, f }
#define print_message printf
#define fail_msg(...) (printf(__VA_ARGS__), printf("\n"), exit(1))
#define assert_true(what) ((what) ? (void)0 : fail_msg("%s:%d: %s", __FILE__, __LINE__, #what))
#define assert_non_null(what) assert_true((what) != NULL)
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_string_equal(a, b) assert_true(!strcmp(a, b))
#define assert_memory_equal(a, b, size) assert_true(!memcmp(a, b, size))

static inline int run_tests(const struct CMUnitTest *tests, size_t n) {
    for (size_t i = 0; i < n; i++) {
        void *state = NULL;
        tests[i].run(&state);
        printf("ok: %s\n", tests[i].name);
    }
    return 0;
}
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    run_tests(tests, sizeof(tests) / sizeof *(tests))

#endif
