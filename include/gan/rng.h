/* SPDX-License-Identifier: MIT
 *
 * gan/rng.h - counter-based random numbers.
 *
 * The n-th number of a generator is a pure function of (seed, stream, step, n): Philox4x32-10 of
 * Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A generator is a plain
 * value: copy it to replay it, keep its four fields to resume it. Streams with different ids are
 * independent; so are steps. */
#ifndef GAN_RNG_H
#define GAN_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_rng {
    uint64_t seed;   /* the run */
    uint64_t step;   /* the training step, epoch or image */
    uint32_t stream; /* the use: noise, data order, dropout, ... */
    uint32_t index;  /* numbers drawn so far */
} gan_rng;

/* A generator at index 0. */
GAN_API gan_rng gan_rng_make(uint64_t seed, uint32_t stream, uint64_t step);

/* 32 random bits; uniform in [0,1) with 24 bits; uniform integer in [0, n) without bias, n > 0. */
GAN_API uint32_t gan_rng_bits(gan_rng *r);
GAN_API double gan_rng_uniform(gan_rng *r);
GAN_API uint32_t gan_rng_below(gan_rng *r, uint32_t n);

/* Fills out[0..n) from uniform [lo, hi), or from a normal distribution (Box-Muller, two numbers
 * drawn for each pair). */
GAN_API void gan_rng_fill_uniform(gan_rng *r, gan_real *out, size_t n, double lo, double hi);
GAN_API void gan_rng_fill_normal(gan_rng *r, gan_real *out, size_t n, double mean, double std);

#ifdef __cplusplus
}
#endif
#endif
