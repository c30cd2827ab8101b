/* SPDX-License-Identifier: MIT */
#include "kernel/softmax.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"

static gan_real highest(int64_t n, const gan_real *x) {
    gan_real top = x[0];
    for (int64_t i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    return top;
}

/* y = exp(x - max x); returns the sum of y. */
static double exponentials(int64_t n, const gan_real *x, gan_real top, gan_real *y) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - top;
    gan__machine_here()->pointwise.unary[GAN__EXP](n, y, y, 0, 0);
    for (int64_t i = 0; i < n; i++) sum += (double)y[i];
    return sum;
}

void gan__softmax_run(int64_t rows, int64_t n, const gan_real *x, gan_real *y, int threads) {
    if (!n) return;
    GAN__PARALLEL_FOR(gan__team(threads, gan__tiles(rows * n, GAN__TILE)))
    for (int64_t r = 0; r < rows; r++) {
        gan_real *row = y + r * n, top = highest(n, x + r * n);
        gan_real scale = (gan_real)(1 / exponentials(n, x + r * n, top, row));
        for (int64_t i = 0; i < n; i++) row[i] *= scale;
    }
}

void gan__log_softmax_run(int64_t rows, int64_t n, const gan_real *x, gan_real *y, int threads) {
    if (!n) return;
    GAN__PARALLEL_FOR(gan__team(threads, gan__tiles(rows * n, GAN__TILE)))
    for (int64_t r = 0; r < rows; r++) {
        gan_real *row = y + r * n, top = highest(n, x + r * n);
        gan_real shift = top + (gan_real)log(exponentials(n, x + r * n, top, row));
        for (int64_t i = 0; i < n; i++) row[i] = x[r * n + i] - shift;
    }
}

void gan__softmax_back(int64_t rows, int64_t n, const gan_real *y, const gan_real *gy, gan_real *gx,
                       int threads) {
    GAN__PARALLEL_FOR(gan__team(threads, gan__tiles(rows * n, GAN__TILE)))
    for (int64_t r = 0; r < rows; r++) {
        const gan_real *yr = y + r * n, *gr = gy + r * n;
        double dot = 0;
        for (int64_t i = 0; i < n; i++) dot += (double)(yr[i] * gr[i]);
        for (int64_t i = 0; i < n; i++) gx[r * n + i] = yr[i] * (gr[i] - (gan_real)dot);
    }
}
