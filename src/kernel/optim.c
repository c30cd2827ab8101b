/* SPDX-License-Identifier: MIT */
#include "kernel/optim.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/pointwise.h"

/* RULE(name, statements for element i): constants are converted once, so that the loops hold
 * gan_real alone. */
#define RULE(name, statements)                                                                     \
    void gan__##name##_run(const gan__update *u, int64_t n, const gan_real *g, gan_real *m,        \
                           gan_real *v, gan_real *w, int threads) {                                \
        const gan_real beta1 = (gan_real)u->beta1, beta2 = (gan_real)u->beta2;                     \
        const gan_real rest1 = (gan_real)(1 - u->beta1), rest2 = (gan_real)(1 - u->beta2);         \
        const gan_real scale = (gan_real)u->scale, eps = (gan_real)u->eps;                         \
        const gan_real rate = (gan_real)(u->lr / u->correction1), lr = (gan_real)u->lr;            \
        const gan_real spread = (gan_real)sqrt(u->correction2);                                    \
        const int64_t tiles = gan__tiles(n, GAN__TILE);                                            \
        (void)m, (void)v, (void)beta1, (void)beta2, (void)rest1, (void)rest2, (void)eps;           \
        (void)rate, (void)lr, (void)spread;                                                        \
        GAN__PARALLEL_FOR(gan__team(threads, tiles))                                               \
        for (int64_t k = 0; k < tiles; k++)                                                        \
            for (int64_t i = k * GAN__TILE; i < gan__min(n, (k + 1) * GAN__TILE); i++) {           \
                gan_real d = g[i] * scale;                                                         \
                statements                                                                         \
            }                                                                                      \
    }

RULE(adam, m[i] = beta1 * m[i] + rest1 * d; v[i] = beta2 * v[i] + rest2 * d * d;
     w[i] -= rate * m[i] / (GAN__R(sqrt)(v[i]) / spread + eps);)

RULE(rmsprop, v[i] = beta2 * v[i] + rest2 * d * d; w[i] -= lr * d / (GAN__R(sqrt)(v[i]) + eps);)

RULE(sgd, m[i] = beta1 * m[i] + d; w[i] -= lr * m[i];)

#define LANES 8

static double squares_of(int64_t n, const gan_real *x) {
    double lane[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) lane[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum += (double)x[i] * (double)x[i];
    for (int k = 0; k < LANES; k++) sum += lane[k];
    return sum;
}

/* Groups of tiles are summed side by side, and their sums in order. */
double gan__squares(int64_t n, const gan_real *x, int threads) {
    enum { GROUP = 64 };
    double part[GROUP], sum = 0;
    for (int64_t at = 0; at < n; at += GROUP * GAN__TILE) {
        int64_t tiles = gan__min(GROUP, gan__tiles(n - at, GAN__TILE));
        GAN__PARALLEL_FOR(gan__team(threads, tiles))
        for (int64_t k = 0; k < tiles; k++) {
            int64_t from = at + k * GAN__TILE;
            part[k] = squares_of(gan__min(GAN__TILE, n - from), x + from);
        }
        for (int64_t k = 0; k < tiles; k++) sum += part[k];
    }
    return sum;
}

void gan__blend_run(int64_t n, const gan_real *x, double rate, gan_real *average, int threads) {
    const gan_real r = (gan_real)rate;
    const int64_t tiles = gan__tiles(n, GAN__TILE);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t i = k * GAN__TILE; i < gan__min(n, (k + 1) * GAN__TILE); i++)
            average[i] += r * (x[i] - average[i]);
}
