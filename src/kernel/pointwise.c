/* SPDX-License-Identifier: MIT */
#include "kernel/pointwise.h"

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"

/* The tiles of n elements: each runs the statement that follows, with its first element and length.
 */
#define TILES(n, threads, at, length, statement)                                                   \
    const gan__pointwise_loops *loops = &gan__machine_here()->pointwise;                           \
    int64_t tiles = gan__tiles(n, GAN__TILE);                                                      \
    GAN__PARALLEL_FOR(gan__team(threads, tiles))                                                   \
    for (int64_t k = 0; k < tiles; k++) {                                                          \
        int64_t at = k * GAN__TILE, length = gan__min(GAN__TILE, n - at);                          \
        statement;                                                                                 \
    }

void gan__unary_run(gan__unary f, int64_t n, const gan_real *x, gan_real *y, double a, double b,
                    int threads) {
    TILES(n, threads, at, m, loops->unary[f](m, x + at, y + at, (gan_real)a, (gan_real)b))
}

void gan__binary_run(gan__binary f, int rank, const int64_t *dim, const gan_real *u,
                     const int64_t *ustride, const gan_real *v, const int64_t *vstride, gan_real *y,
                     int threads) {
    const int64_t *const strides[2] = {ustride, vstride};
    gan__walk w = gan__walk_make(rank, dim, 2, strides);
    const gan__pointwise_loops *loops = &gan__machine_here()->pointwise;
    int64_t rows = gan__max(1, GAN__TILE / w.inner), tiles = gan__tiles(w.rows, rows);
    /* One long row (equal shapes) is cut along itself. */
    int64_t cut = w.rows == 1 ? GAN__TILE : w.inner, cuts = gan__tiles(w.inner, cut);
    GAN__PARALLEL_FOR(gan__team(threads, tiles * cuts))
    for (int64_t k = 0; k < tiles * cuts; k++)
        for (int64_t r = k / cuts * rows; r < gan__min(w.rows, (k / cuts + 1) * rows); r++) {
            int64_t at[2], from = k % cuts * cut;
            gan__walk_row(&w, r, at);
            loops->binary[f](gan__min(cut, w.inner - from), u + at[0] + from * w.step[0], w.step[0],
                             v + at[1] + from * w.step[1], w.step[1], y + r * w.inner + from);
        }
}

void gan__gate_run(int64_t n, const gan_real *x, const gan_real *v, double lo, double hi,
                   double slope, gan_real *y, int threads) {
    gan_real l = (gan_real)lo, h = (gan_real)hi, s = (gan_real)slope;
    TILES(n, threads, at, m, loops->gate(m, x + at, v + at, l, h, s, y + at))
}

void gan__accumulate(int64_t n, const gan_real *x, gan_real *sum, int threads) {
    TILES(n, threads, at, m, loops->accumulate(m, x + at, sum + at))
}
