/* SPDX-License-Identifier: MIT */
#include "kernel/maxout.h"

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"

/* Rows in a tile. */
static int64_t rows_of(const gan__maxout_shape *s) {
    return gan__max(1, GAN__TILE / (s->pieces * s->units));
}

void gan__maxout_select(const gan__maxout_shape *s, const gan_real *x, const gan_real *by,
                        gan_real *y, int threads) {
    const gan__machine *machine = gan__machine_here();
    int64_t tile = rows_of(s), tiles = gan__tiles(s->rows, tile), width = s->pieces * s->units;
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * tile; r < gan__min(s->rows, (k + 1) * tile); r++)
            machine->maxout.select(s->pieces, s->units, x + r * width, by + r * width,
                                   y + r * s->units);
}

void gan__maxout_spread(const gan__maxout_shape *s, const gan_real *y, const gan_real *by,
                        gan_real *x, int threads) {
    const gan__machine *machine = gan__machine_here();
    int64_t tile = rows_of(s), tiles = gan__tiles(s->rows, tile), width = s->pieces * s->units;
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * tile; r < gan__min(s->rows, (k + 1) * tile); r++)
            machine->maxout.spread(s->pieces, s->units, y + r * s->units, by + r * width,
                                   x + r * width);
}
