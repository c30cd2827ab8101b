/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/vector.h - vectors of VECTOR bytes, in the C of GCC and clang. */
#ifndef GAN_KERNEL_LOOPS_VECTOR_H
#define GAN_KERNEL_LOOPS_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "gan/types.h"

typedef gan_real vec __attribute__((vector_size(VECTOR), aligned(sizeof(gan_real)), may_alias));

#ifdef GAN_DOUBLE
typedef int64_t mask __attribute__((vector_size(VECTOR), aligned(sizeof(gan_real)), may_alias));
#else
typedef int32_t mask __attribute__((vector_size(VECTOR), aligned(sizeof(gan_real)), may_alias));
#endif

#define LANES ((int64_t)(VECTOR / sizeof(gan_real)))
#define INLINE static inline __attribute__((always_inline))

/* UNROLL: loops of a constant length that must leave no loop behind: their arrays become registers.
 * Of clang that has to be asked in its own words: a number is taken for a hint, and a product of
 * matrices takes three times as long. Not where a sanitizer checks every access: the compiler would
 * take minutes.
 * INDEPENDENT: a loop in which what one round writes no other round reads; clang finds out at run
 * time. */
#if defined(__SANITIZE_ADDRESS__)
#    define UNROLL
#    define INDEPENDENT
#elif defined(__clang__)
#    define UNROLL _Pragma("clang loop unroll(full)")
#    define INDEPENDENT
#else
#    define UNROLL _Pragma("GCC unroll 16")
#    define INDEPENDENT _Pragma("GCC ivdep")
#endif

INLINE vec load(const gan_real *p) {
    return *(const vec *)p;
}

INLINE void store(gan_real *p, vec v) {
    *(vec *)p = v;
}

/* The first n lanes; zeros in the others. */
INLINE vec load_part(const gan_real *p, int64_t n) {
    vec v = {0};
    if (n == LANES) return load(p);
    memcpy(&v, p, (size_t)n * sizeof *p);
    return v;
}

INLINE void store_part(gan_real *p, vec v, int64_t n) {
    if (n == LANES)
        store(p, v);
    else
        memcpy(p, &v, (size_t)n * sizeof *p);
}

/* v > 0 ? v : slope * v */
INLINE vec leaky(vec v, gan_real slope) {
    mask positive = v > 0;
    return (vec)(((mask)v & positive) | ((mask)(v * slope) & ~positive));
}

#endif
