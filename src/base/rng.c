/* SPDX-License-Identifier: MIT */
#include "gan/rng.h"

#include <math.h>

#if defined(__GNUC__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wpedantic"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#    pragma GCC diagnostic pop
#endif

#define TWO_PI 6.283185307179586476925286766559

gan_rng gan_rng_make(uint64_t seed, uint32_t stream, uint64_t step) {
    return (gan_rng){seed, step, stream, 0};
}

/* Four numbers: those with indices 4*block .. 4*block+3. */
static philox4x32_ctr_t numbers(const gan_rng *r, uint32_t block) {
    philox4x32_ctr_t c = {{block, r->stream, (uint32_t)r->step, (uint32_t)(r->step >> 32)}};
    philox4x32_key_t k = {{(uint32_t)r->seed, (uint32_t)(r->seed >> 32)}};
    return philox4x32(c, k);
}

uint32_t gan_rng_bits(gan_rng *r) {
    uint32_t bits = numbers(r, r->index / 4).v[r->index % 4];
    r->index++;
    return bits;
}

static double unit(uint32_t bits) {
    return (double)(bits >> 8) * (1.0 / 16777216.0);
}

double gan_rng_uniform(gan_rng *r) {
    return unit(gan_rng_bits(r));
}

/* Lemire's method: the high word of a product, redrawn in the few places that would be counted once
 * too often. */
uint32_t gan_rng_below(gan_rng *r, uint32_t n) {
    uint32_t reject = (0u - n) % n;
    for (;;) {
        uint64_t m = (uint64_t)gan_rng_bits(r) * n;
        if ((uint32_t)m >= reject) return (uint32_t)(m >> 32);
    }
}

/* Numbers one after the other: a block of four is computed once. */
typedef struct run {
    gan_rng *r;
    philox4x32_ctr_t block;
} run;

static run begin(gan_rng *r) {
    return (run){r, numbers(r, r->index / 4)};
}

static double next(run *s) {
    double u = unit(s->block.v[s->r->index++ % 4]);
    if (s->r->index % 4 == 0) s->block = numbers(s->r, s->r->index / 4);
    return u;
}

void gan_rng_fill_uniform(gan_rng *r, gan_real *out, size_t n, double lo, double hi) {
    run s = begin(r);
    for (size_t i = 0; i < n; i++) out[i] = (gan_real)(lo + (hi - lo) * next(&s));
}

/* 1 - u lies in (0,1], so that the logarithm is finite. */
void gan_rng_fill_normal(gan_rng *r, gan_real *out, size_t n, double mean, double std) {
    run s = begin(r);
    for (size_t i = 0; i < n; i += 2) {
        double radius = std * sqrt(-2.0 * log(1.0 - next(&s)));
        double angle = TWO_PI * next(&s);
        out[i] = (gan_real)(mean + radius * cos(angle));
        if (i + 1 < n) out[i + 1] = (gan_real)(mean + radius * sin(angle));
    }
}
