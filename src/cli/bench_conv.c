/* SPDX-License-Identifier: MIT
 *
 * The definition of a convolution, element by element: slow, and too short to be wrong. */
#include "cli/bench_conv.h"

#include <math.h>

enum { SAMPLES = 500 };

typedef struct operands {
    const gan_real *x, *w, *y;
} operands;

/* x[n,i,j,c]; 0 in the padding. */
static double at_x(const bench_conv *g, const gan_real *x, int64_t n, int64_t i, int64_t j,
                   int64_t c) {
    if (i < 0 || j < 0 || i >= g->h || j >= g->h) return 0;
    return (double)x[((n * g->h + i) * g->h + j) * g->c + c];
}

static double at_w(const bench_conv *g, const gan_real *w, int64_t k, int64_t i, int64_t j,
                   int64_t c) {
    return (double)w[((k * g->side + i) * g->side + j) * g->c + c];
}

static double at_y(const bench_conv *g, const gan_real *y, int64_t n, int64_t i, int64_t j,
                   int64_t k) {
    return (double)y[((n * g->oh + i) * g->oh + j) * g->k + k];
}

static double direct_y(const bench_conv *g, const operands *o, int64_t at) {
    int64_t k = at % g->k, j = at / g->k % g->oh, i = at / g->k / g->oh % g->oh;
    int64_t n = at / g->k / g->oh / g->oh;
    double sum = 0;
    for (int64_t a = 0; a < g->side; a++)
        for (int64_t b = 0; b < g->side; b++)
            for (int64_t c = 0; c < g->c; c++)
                sum += at_x(g, o->x, n, i * g->stride + a - g->pad, j * g->stride + b - g->pad, c) *
                       at_w(g, o->w, k, a, b, c);
    return sum;
}

/* The row of y that the row `i` of x met the row `a` of w for; -1: there is none. */
static int64_t met(const bench_conv *g, int64_t i, int64_t a) {
    int64_t from = i + g->pad - a;
    return from < 0 || from % g->stride || from / g->stride >= g->oh ? -1 : from / g->stride;
}

static double direct_x(const bench_conv *g, const operands *o, int64_t at) {
    int64_t c = at % g->c, j = at / g->c % g->h, i = at / g->c / g->h % g->h;
    int64_t n = at / g->c / g->h / g->h;
    double sum = 0;
    for (int64_t a = 0; a < g->side; a++)
        for (int64_t b = 0; b < g->side; b++) {
            int64_t oi = met(g, i, a), oj = met(g, j, b);
            for (int64_t k = 0; k < g->k && oi >= 0 && oj >= 0; k++)
                sum += at_y(g, o->y, n, oi, oj, k) * at_w(g, o->w, k, a, b, c);
        }
    return sum;
}

static double direct_w(const bench_conv *g, const operands *o, int64_t at) {
    int64_t c = at % g->c, b = at / g->c % g->side, a = at / g->c / g->side % g->side;
    int64_t k = at / g->c / g->side / g->side;
    double sum = 0;
    for (int64_t n = 0; n < g->n; n++)
        for (int64_t i = 0; i < g->oh; i++)
            for (int64_t j = 0; j < g->oh; j++)
                sum += at_x(g, o->x, n, i * g->stride + a - g->pad, j * g->stride + b - g->pad, c) *
                       at_y(g, o->y, n, i, j, k);
    return sum;
}

double bench_conv_error(const bench_conv *g, bench_direction d, const gan_real *x,
                        const gan_real *w, const gan_real *y) {
    const operands o = {x, w, y};
    const gan_real *const results[] = {y, x, w};
    double (*const direct[])(const bench_conv *, const operands *, int64_t) = {direct_y, direct_x,
                                                                               direct_w};
    const int64_t sizes[] = {g->n * g->oh * g->oh * g->k, g->n * g->h * g->h * g->c,
                             g->k * g->side * g->side * g->c};
    gan_rng r = gan_rng_make(1, 0, 0);
    double error = 0, norm = 0;
    for (int i = 0; i < SAMPLES; i++) {
        int64_t at = (int64_t)(gan_rng_uniform(&r) * (double)sizes[d]);
        double want = direct[d](g, &o, at), miss = (double)results[d][at] - want;
        error += miss * miss;
        norm += want * want;
    }
    return norm > 0 ? sqrt(error / norm) : error > 0;
}
