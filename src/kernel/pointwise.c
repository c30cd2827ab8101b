/* SPDX-License-Identifier: MIT */
#include "kernel/pointwise.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/shape.h"

/* One loop an operation, over [from, to). */
#define ROW(name, expression)                                                                      \
    static void unary_##name(int64_t from, int64_t to, const gan_real *x, gan_real *y, gan_real a, \
                             gan_real b) {                                                         \
        (void)a, (void)b;                                                                          \
        for (int64_t i = from; i < to; i++) {                                                      \
            gan_real v = x[i];                                                                     \
            y[i] = expression;                                                                     \
        }                                                                                          \
    }
GAN__UNARY_LIST(ROW)
#undef ROW

typedef void unary_loop(int64_t from, int64_t to, const gan_real *x, gan_real *y, gan_real a,
                        gan_real b);
#define ROW(name, expression) unary_##name,
static unary_loop *const unary_loops[] = {GAN__UNARY_LIST(ROW)};
#undef ROW

void gan__unary_run(gan__unary f, int64_t n, const gan_real *x, gan_real *y, double a, double b,
                    int threads) {
    int64_t tiles = gan__tiles(n, GAN__TILE);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        unary_loops[f](k * GAN__TILE, gan__min(n, (k + 1) * GAN__TILE), x, y, (gan_real)a,
                       (gan_real)b);
}

/* The inner loop along one axis. The three common pairs of strides get loops that the compiler
 * turns into vectors. */
#define LOOP(us, vs, expression)                                                                   \
    for (int64_t i = 0; i < n; i++) {                                                              \
        gan_real u = u0[i * (us)], v = v0[i * (vs)];                                               \
        y[i] = expression;                                                                         \
    }
#define ROW(name, expression)                                                                      \
    static void binary_##name(int64_t n, const gan_real *u0, int64_t us, const gan_real *v0,       \
                              int64_t vs, gan_real *y) {                                           \
        if (us == 1 && vs == 1) {                                                                  \
            LOOP(1, 1, expression)                                                                 \
        } else if (us == 1 && vs == 0) {                                                           \
            LOOP(1, 0, expression)                                                                 \
        } else {                                                                                   \
            LOOP(us, vs, expression)                                                               \
        }                                                                                          \
    }
GAN__BINARY_LIST(ROW)
#undef ROW

typedef void binary_loop(int64_t n, const gan_real *u, int64_t us, const gan_real *v, int64_t vs,
                         gan_real *y);
#define ROW(name, expression) binary_##name,
static binary_loop *const binary_loops[] = {GAN__BINARY_LIST(ROW)};
#undef ROW

void gan__binary_run(gan__binary f, int rank, const int64_t *dim, const gan_real *u,
                     const int64_t *ustride, const gan_real *v, const int64_t *vstride, gan_real *y,
                     int threads) {
    const int64_t *const strides[2] = {ustride, vstride};
    gan__walk w = gan__walk_make(rank, dim, 2, strides);
    int64_t rows = gan__max(1, GAN__TILE / w.inner), tiles = gan__tiles(w.rows, rows);
    /* One long row (equal shapes) is cut along itself. */
    int64_t cut = w.rows == 1 ? GAN__TILE : w.inner, cuts = gan__tiles(w.inner, cut);
    GAN__PARALLEL_FOR(gan__team(threads, tiles * cuts))
    for (int64_t k = 0; k < tiles * cuts; k++)
        for (int64_t r = k / cuts * rows; r < gan__min(w.rows, (k / cuts + 1) * rows); r++) {
            int64_t at[2], from = k % cuts * cut;
            gan__walk_row(&w, r, at);
            binary_loops[f](gan__min(cut, w.inner - from), u + at[0] + from * w.step[0], w.step[0],
                            v + at[1] + from * w.step[1], w.step[1], y + r * w.inner + from);
        }
}

void gan__gate_run(int64_t n, const gan_real *x, const gan_real *v, double lo, double hi,
                   double slope, gan_real *y, int threads) {
    gan_real l = (gan_real)lo, h = (gan_real)hi, s = (gan_real)slope;
    int64_t tiles = gan__tiles(n, GAN__TILE);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t i = k * GAN__TILE; i < gan__min(n, (k + 1) * GAN__TILE); i++)
            y[i] = x[i] * ((v[i] > l) & (v[i] < h) ? 1 : s);
}

void gan__accumulate(int64_t n, const gan_real *x, gan_real *sum, int threads) {
    int64_t tiles = gan__tiles(n, GAN__TILE);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t i = k * GAN__TILE; i < gan__min(n, (k + 1) * GAN__TILE); i++) sum[i] += x[i];
}
