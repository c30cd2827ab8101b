/* SPDX-License-Identifier: MIT
 *
 * faults.h - the C allocator as the linker's --wrap puts it in place: every allocation of the
 * library and of stb can be made to fail once. Include it after cmocka.h in the one
 * file of a test. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gan/status.h"

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static atomic_long calls, live;
static long fail_at;

static int fails(void) {
    return ++calls == fail_at;
}

static void *counted(void *p) {
    live += p != NULL;
    return p;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t size) {
    if (!p) return __wrap_malloc(size);
    return fails() ? NULL : __real_realloc(p, size);
}

void __wrap_free(void *p) {
    live -= p != NULL;
    __real_free(p);
}

/* jansson's are counted, but do not fail: it does not survive that (in 2.14 a string that could not
 * grow ends in an assertion). */
static void *json_malloc(size_t size) {
    return counted(__real_malloc(size));
}

/* The n-th allocation from now on fails; 0: none. */
static inline void arm(long n) {
    calls = 0;
    fail_at = n;
}

/* Something from nothing to nothing. */
typedef gan_status scenario(void *context, gan_error *err);

/* Runs it with each allocation failing in turn (or every `stride`-th): it must say so or do
 * without, and leave nothing allocated. `after`, if any, looks at what it has left behind. Returns
 * how many failed. */
static inline long every_allocation(scenario *run, void (*after)(void *context, gan_status s),
                                    void *context, long stride) {
    long n = 1, refused = 0;
    json_set_alloc_funcs(json_malloc, __wrap_free);
    for (;; n += stride) {
        gan_error err = {0};
        live = 0;
        arm(n);
        gan_status s = run(context, &err);
        int reached = calls >= n;
        if (live) fail_msg("%ld blocks left after allocation %ld failed", (long)live, n);
        if (s && (s != GAN_ENOMEM || !strstr(err.text, "memory")))
            fail_msg("allocation %ld: status %d, '%s'", n, (int)s, err.text);
        arm(0);
        if (after) after(context, s);
        if (!reached) {
            assert_int_equal(s, GAN_OK);
            break;
        }
        refused += s != GAN_OK;
    }
    printf("%ld of %ld failures were reported\n", refused, (n - 1) / stride);
    return refused;
}

#endif
