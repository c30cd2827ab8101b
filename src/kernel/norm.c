/* SPDX-License-Identifier: MIT
 *
 * Both directions need two sums for each image (index a) and channel: of x and x^2 about a pivot,
 * or of gy and gy * xhat. They are taken over blocks of rows of fixed size, the blocks added in
 * order and in double; then the channels of a group are joined. */
#include "kernel/norm.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/shape.h"

/* Rows r in a block of sums. */
static int64_t block_rows(int64_t c) {
    return gan__max(16, GAN__TILE / c);
}

typedef struct plan {
    int64_t c, rows, blocks; /* channels; rows in a block; blocks over r */
    double *part;            /* [a*blocks][2][c] */
    double *sums;            /* [a][2][c] */
} plan;

static plan make_plan(const gan__groups *s, void *workspace) {
    plan p = {.c = s->g * s->b};
    p.rows = block_rows(p.c);
    p.blocks = gan__tiles(s->r, p.rows);
    p.part = workspace;
    if (workspace) p.sums = p.part + s->a * p.blocks * 2 * p.c;
    return p;
}

size_t gan__norm_workspace(const gan__groups *s) {
    plan p = make_plan(s, NULL);
    return (size_t)(s->a * (p.blocks + 1) * 2 * p.c) * sizeof(double);
}

static void clear(int64_t n, double *x) {
    for (int64_t i = 0; i < n; i++) x[i] = 0;
}

/* Joins the blocks of each a in order. */
static void join_blocks(const gan__groups *s, const plan *p) {
    int64_t n = 2 * p->c;
    for (int64_t a = 0; a < s->a; a++) {
        double *sum = p->sums + a * n;
        clear(n, sum);
        for (int64_t k = 0; k < p->blocks; k++)
            for (int64_t i = 0; i < n; i++) sum[i] += p->part[(a * p->blocks + k) * n + i];
    }
}

/* --- forward --- */

/* Sums of (x - pivot) and its square; the pivot, the first row of each a, keeps the difference of
 * squares from cancelling. */
static void sum_block(const plan *p, int64_t rows, const gan_real *x, const gan_real *pivot,
                      double *sum) {
    clear(2 * p->c, sum);
    for (int64_t r = 0; r < rows; r++, x += p->c)
        for (int64_t i = 0; i < p->c; i++) {
            double d = (double)x[i] - (double)pivot[i];
            sum[i] += d;
            sum[p->c + i] += d * d;
        }
}

static void statistics(const gan__groups *s, const plan *p, const gan_real *x, int threads) {
    GAN__PARALLEL_FOR(gan__team(threads, s->a * p->blocks))
    for (int64_t k = 0; k < s->a * p->blocks; k++) {
        int64_t a = k / p->blocks, from = k % p->blocks * p->rows;
        const gan_real *first = x + a * s->r * p->c;
        sum_block(p, gan__min(p->rows, s->r - from), first + from * p->c, first,
                  p->part + k * 2 * p->c);
    }
    join_blocks(s, p);
}

/* Mean and variance of a group from the sums of its channels, each about its own pivot. */
static void join_group(const gan__groups *s, const plan *p, const double *sum,
                       const gan_real *pivot, double *mean, double *var) {
    double total = 0, squares = 0, r = (double)s->r, count = r * (double)s->b;
    for (int64_t i = 0; i < s->b; i++) total += (double)pivot[i] * r + sum[i];
    *mean = total / count;
    for (int64_t i = 0; i < s->b; i++) {
        double shift = sum[i] / r, off = (double)pivot[i] + shift - *mean;
        squares += sum[p->c + i] - shift * sum[i] + r * off * off;
    }
    *var = squares > 0 ? squares / count : 0;
}

static void apply_row(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                      const gan_real *beta, const gan_real *mean, const gan_real *inv,
                      gan_real *y) {
    for (int64_t g = 0, i = 0; g < s->g; g++) {
        gan_real m = mean[g], v = inv[g];
        for (int64_t b = 0; b < s->b; b++, i++)
            y[i] = (x[i] - m) * v * (gamma ? gamma[i] : 1) + (beta ? beta[i] : 0);
    }
}

static void apply_channels(int64_t c, const gan_real *x, const gan_real *gamma,
                           const gan_real *beta, const gan_real *mean, const gan_real *inv,
                           gan_real *y) {
    for (int64_t i = 0; i < c; i++) y[i] = (x[i] - mean[i]) * inv[i] * gamma[i] + beta[i];
}

void gan__norm_run(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                   const gan_real *beta, double eps, gan_real *y, gan_real *mean, gan_real *var,
                   gan_real *inv, void *workspace, int threads) {
    plan p = make_plan(s, workspace);
    if (!s->a || !s->r || !p.c) return;
    statistics(s, &p, x, threads);
    for (int64_t k = 0; k < s->a * s->g; k++) {
        int64_t a = k / s->g, at = k % s->g * s->b;
        double m, v;
        join_group(s, &p, p.sums + a * 2 * p.c + at, x + a * s->r * p.c + at, &m, &v);
        mean[k] = (gan_real)m;
        var[k] = (gan_real)v;
        inv[k] = (gan_real)(1 / sqrt(v + eps));
    }
    int64_t rows = s->a * s->r, tiles = gan__tiles(rows, p.rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * p.rows; r < gan__min(rows, (k + 1) * p.rows); r++) {
            int64_t a = r / s->r;
            const gan_real *m = mean + a * s->g, *v = inv + a * s->g;
            if (s->b == 1 && gamma && beta)
                apply_channels(p.c, x + r * p.c, gamma, beta, m, v, y + r * p.c);
            else
                apply_row(s, x + r * p.c, gamma, beta, m, v, y + r * p.c);
        }
}

/* --- backward --- */

/* Sums of gy and gy * xhat for each channel. */
static void sum_back(const gan__groups *s, const plan *p, int64_t rows, const gan_real *x,
                     const gan_real *gy, const gan_real *mean, const gan_real *inv, double *sum) {
    clear(2 * p->c, sum);
    for (int64_t r = 0; r < rows; r++, x += p->c, gy += p->c)
        for (int64_t g = 0, i = 0; g < s->g; g++) {
            gan_real m = mean[g], v = inv[g];
            for (int64_t b = 0; b < s->b; b++, i++) {
                sum[i] += (double)gy[i];
                sum[p->c + i] += (double)(gy[i] * ((x[i] - m) * v));
            }
        }
}

static void gather_sums(const gan__groups *s, const plan *p, const gan_real *x, const gan_real *gy,
                        const gan_real *mean, const gan_real *inv, int threads) {
    GAN__PARALLEL_FOR(gan__team(threads, s->a * p->blocks))
    for (int64_t k = 0; k < s->a * p->blocks; k++) {
        int64_t a = k / p->blocks, from = k % p->blocks * p->rows;
        int64_t at = (a * s->r + from) * p->c;
        sum_back(s, p, gan__min(p->rows, s->r - from), x + at, gy + at, mean + a * s->g,
                 inv + a * s->g, p->part + k * 2 * p->c);
    }
    join_blocks(s, p);
}

static void affine_gradients(const gan__groups *s, const plan *p, gan_real *ggamma,
                             gan_real *gbeta) {
    for (int64_t i = 0; i < p->c; i++) {
        double beta = 0, gamma = 0;
        for (int64_t a = 0; a < s->a; a++) {
            beta += p->sums[a * 2 * p->c + i];
            gamma += p->sums[(a * 2 + 1) * p->c + i];
        }
        if (gbeta) gbeta[i] = (gan_real)beta;
        if (ggamma) ggamma[i] = (gan_real)gamma;
    }
}

/* The means over each group of gamma*gy and gamma*gy*xhat, into part[a*g][2], which the blocks no
 * longer need. */
static void group_means(const gan__groups *s, const plan *p, const gan_real *gamma) {
    double count = (double)s->r * (double)s->b;
    for (int64_t k = 0; k < s->a * s->g; k++) {
        const double *sum = p->sums + k / s->g * 2 * p->c;
        double first = 0, second = 0;
        for (int64_t i = k % s->g * s->b; i < (k % s->g + 1) * s->b; i++) {
            double f = gamma ? (double)gamma[i] : 1;
            first += f * sum[i];
            second += f * sum[p->c + i];
        }
        p->part[2 * k] = first / count;
        p->part[2 * k + 1] = second / count;
    }
}

static void back_row(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                     const gan_real *mean, const gan_real *inv, const double *means,
                     const gan_real *gy, gan_real *gx) {
    for (int64_t g = 0, i = 0; g < s->g; g++) {
        gan_real m = mean[g], v = inv[g];
        gan_real first = (gan_real)means[2 * g], second = (gan_real)means[2 * g + 1];
        for (int64_t b = 0; b < s->b; b++, i++)
            gx[i] = v * ((gamma ? gamma[i] : 1) * gy[i] - first - (x[i] - m) * v * second);
    }
}

void gan__norm_back(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                    const gan_real *mean, const gan_real *inv, const gan_real *gy, gan_real *gx,
                    gan_real *ggamma, gan_real *gbeta, void *workspace, int threads) {
    plan p = make_plan(s, workspace);
    if (!s->a || !s->r || !p.c) return;
    gather_sums(s, &p, x, gy, mean, inv, threads);
    affine_gradients(s, &p, ggamma, gbeta);
    if (!gx) return;
    group_means(s, &p, gamma);
    int64_t rows = s->a * s->r, tiles = gan__tiles(rows, p.rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * p.rows; r < gan__min(rows, (k + 1) * p.rows); r++) {
            int64_t a = r / s->r;
            back_row(s, x + r * p.c, gamma, mean + a * s->g, inv + a * s->g, p.part + a * 2 * s->g,
                     gy + r * p.c, gx + r * p.c);
        }
}
