/* SPDX-License-Identifier: MIT
 *
 * A job is some channels of an image: where windows overlap no other job writes their pixels. */
#include "kernel/pool.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"

/* The first channel, and how many. */
typedef struct part {
    int64_t image, from, count;
} part;

static int64_t parts(const gan__pool_shape *s) {
    return s->n * gan__tiles(s->c, GAN__POOL_CHANNELS);
}

static part part_of(const gan__pool_shape *s, int64_t k) {
    int64_t cuts = gan__tiles(s->c, GAN__POOL_CHANNELS), from = k % cuts * GAN__POOL_CHANNELS;
    return (part){k / cuts, from, gan__min(GAN__POOL_CHANNELS, s->c - from)};
}

void gan__pool_select(const gan__pool_shape *s, const gan_real *x, const gan_real *by, gan_real *y,
                      int threads) {
    GAN__PARALLEL_FOR(gan__team(threads, parts(s)))
    for (int64_t k = 0; k < parts(s); k++) {
        part p = part_of(s, k);
        int64_t at = p.image * s->h * s->w * s->c + p.from;
        gan__machine_here()->pool.select(s, p.count, x + at, by + at,
                                         y + p.image * s->oh * s->ow * s->c + p.from);
    }
}

void gan__pool_spread(const gan__pool_shape *s, const gan_real *y, const gan_real *by, gan_real *x,
                      int threads) {
    GAN__PARALLEL_FOR(gan__team(threads, parts(s)))
    for (int64_t k = 0; k < parts(s); k++) {
        part p = part_of(s, k);
        int64_t at = p.image * s->h * s->w * s->c + p.from;
        for (int64_t i = 0; i < s->h * s->w; i++)
            memset(x + at + i * s->c, 0, (size_t)p.count * sizeof *x);
        gan__machine_here()->pool.spread(s, p.count, y + p.image * s->oh * s->ow * s->c + p.from,
                                         by + at, x + at);
    }
}
