/* SPDX-License-Identifier: MIT
 *
 * Both directions need two sums for each image (index a) and channel: of x and x^2 about a pivot,
 * or of g and g * (x - mean), g the gradient before the activation. They are taken over blocks of
 * rows of fixed size, the blocks added in order and in double. What comes out for the groups is
 * spread over their channels, and a second pass makes y, or gx, with one coefficient a channel. */
#include "kernel/norm.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"

typedef struct plan {
    const gan__norm *q;
    const gan__machine *machine;
    int64_t c, rows, blocks; /* channels; rows in a block; blocks over r */
    double *part;            /* [a*blocks][2][c] */
    double *sums;            /* [a][2][c] */
    gan_real *f;             /* [a][GAN__NORM_COEFFICIENTS][c] */
} plan;

/* Rows of a block: few enough to share them out, many against the cost of its sums. */
static int64_t block_rows(int64_t c) {
    return gan__max(32, GAN__TILE / c);
}

static int64_t blocks_of(const gan__groups *s) {
    return gan__tiles(s->r, block_rows(s->g * s->b));
}

size_t gan__norm_workspace(const gan__groups *s) {
    if (gan__norm_is_of_rows(s)) return gan__norm_rows_workspace(s);
    size_t c = (size_t)(s->g * s->b), a = (size_t)s->a, blocks = (size_t)blocks_of(s);
    return a * c * ((blocks + 1) * 2 * sizeof(double) + GAN__NORM_COEFFICIENTS * sizeof(gan_real));
}

static plan make_plan(const gan__norm *q, void *workspace) {
    const gan__groups *s = &q->s;
    plan p = {.q = q, .machine = gan__machine_here(), .c = s->g * s->b, .part = workspace};
    p.rows = block_rows(p.c);
    p.blocks = blocks_of(s);
    p.sums = p.part + s->a * p.blocks * 2 * p.c;
    p.f = (gan_real *)(p.sums + s->a * 2 * p.c);
    return p;
}

static gan_real *coefficients(const plan *p, int64_t a, int which) {
    return p->f + (a * GAN__NORM_COEFFICIENTS + which) * p->c;
}

/* --- the two passes: gy NULL: forward --- */

/* The sums of each a, in blocks. */
static void first_pass(const plan *p, const gan_real *gy, int threads) {
    const gan__norm *q = p->q;
    const gan__norm_loops *loops = &p->machine->norm;
    GAN__PARALLEL_FOR(gan__team(threads, q->s.a * p->blocks))
    for (int64_t k = 0; k < q->s.a * p->blocks; k++) {
        int64_t a = k / p->blocks, from = k % p->blocks * p->rows, first = a * q->s.r * p->c;
        int64_t n = gan__min(p->rows, q->s.r - from), at = first + from * p->c;
        double *sum = p->part + k * 2 * p->c;
        if (gy)
            loops->sums(n, p->c, q->x + at, gy + at, coefficients(p, a, 0), (gan_real)q->slope,
                        sum);
        else
            loops->moments(n, p->c, q->x + at, q->x + first, sum);
    }
}

/* Rows [from, to), of as many a as there are. */
static void stretch(const plan *p, const gan_real *gy, int64_t from, int64_t to, gan_real *out) {
    const gan__norm *q = p->q;
    const gan__norm_loops *loops = &p->machine->norm;
    for (int64_t n; from < to; from += n) {
        int64_t a = from / q->s.r, at = from * p->c;
        n = gan__min(to, (a + 1) * q->s.r) - from;
        if (gy)
            loops->back(n, p->c, q->x + at, gy + at, coefficients(p, a, 0), (gan_real)q->slope,
                        out + at);
        else
            loops->apply(n, p->c, q->x + at, coefficients(p, a, 0), (gan_real)q->slope, out + at);
    }
}

static void second_pass(const plan *p, const gan_real *gy, gan_real *out, int threads) {
    int64_t rows = p->q->s.a * p->q->s.r, tiles = gan__tiles(rows, p->rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        stretch(p, gy, k * p->rows, gan__min(rows, (k + 1) * p->rows), out);
}

/* --- between the passes --- */

/* Joins the blocks of a in order. */
static double *join_blocks(const plan *p, int64_t a) {
    int64_t n = 2 * p->c;
    double *sum = p->sums + a * n;
    for (int64_t i = 0; i < n; i++) sum[i] = 0;
    for (int64_t k = 0; k < p->blocks; k++)
        for (int64_t i = 0; i < n; i++) sum[i] += p->part[(a * p->blocks + k) * n + i];
    return sum;
}

/* Mean and variance of a group from the sums of its channels, each about its own pivot. */
static void join_group(const plan *p, const double *sum, const gan_real *pivot, double *mean,
                       double *var) {
    const gan__groups *s = &p->q->s;
    double total = 0, squares = 0, r = (double)s->r, count = r * (double)s->b;
    for (int64_t i = 0; i < s->b; i++) total += (double)pivot[i] * r + sum[i];
    *mean = total / count;
    for (int64_t i = 0; i < s->b; i++) {
        double shift = sum[i] / r, off = (double)pivot[i] + shift - *mean;
        squares += sum[p->c + i] - shift * sum[i] + r * off * off;
    }
    *var = squares > 0 ? squares / count : 0;
}

static void statistics(const plan *p, int64_t a, gan_real *var) {
    const gan__norm *q = p->q;
    const double *sum = join_blocks(p, a);
    for (int64_t g = 0; g < q->s.g; g++) {
        int64_t k = a * q->s.g + g, at = g * q->s.b;
        double m, v;
        join_group(p, sum + at, q->x + a * q->s.r * p->c + at, &m, &v);
        q->mean[k] = (gan_real)m;
        var[k] = (gan_real)v;
        q->inv[k] = (gan_real)(1 / sqrt(v + q->eps));
    }
}

/* mean, scale and shift of each channel. */
static void spread(const plan *p, int64_t a, const gan_real *mean, const gan_real *inv) {
    const gan__norm *q = p->q;
    gan_real *m = coefficients(p, a, GAN__NORM_MEAN), *scale = coefficients(p, a, GAN__NORM_SCALE);
    gan_real *shift = coefficients(p, a, GAN__NORM_SHIFT);
    for (int64_t g = 0, i = 0; g < q->s.g; g++)
        for (int64_t b = 0; b < q->s.b; b++, i++) {
            m[i] = mean[g];
            scale[i] = q->gamma ? q->gamma[i] * inv[g] : inv[g];
            shift[i] = q->beta ? q->beta[i] : 0;
        }
}

/* gx = inv (gamma g - mean(gamma g) - xhat mean(gamma g xhat)), the means over a group. Leaves the
 * sums of g and g * xhat in p->sums. */
static void spread_back(const plan *p, int64_t a) {
    const gan__norm *q = p->q;
    double *sum = join_blocks(p, a), count = (double)q->s.r * (double)q->s.b;
    gan_real *first = coefficients(p, a, GAN__NORM_FIRST);
    gan_real *second = coefficients(p, a, GAN__NORM_SECOND);
    for (int64_t g = 0; g < q->s.g; g++) {
        double inv = (double)q->inv[a * q->s.g + g], mean = 0, slope = 0;
        for (int64_t i = g * q->s.b; i < (g + 1) * q->s.b; i++) {
            double f = q->gamma ? (double)q->gamma[i] : 1;
            sum[p->c + i] *= inv;
            mean += f * sum[i];
            slope += f * sum[p->c + i];
        }
        for (int64_t i = g * q->s.b; i < (g + 1) * q->s.b; i++) {
            first[i] = (gan_real)(inv * mean / count);
            second[i] = (gan_real)(inv * inv * slope / count);
        }
    }
}

static void affine_gradients(const plan *p, gan_real *ggamma, gan_real *gbeta) {
    for (int64_t i = 0; i < p->c; i++) {
        double beta = 0, gamma = 0;
        for (int64_t a = 0; a < p->q->s.a; a++) {
            beta += p->sums[a * 2 * p->c + i];
            gamma += p->sums[(a * 2 + 1) * p->c + i];
        }
        if (gbeta) gbeta[i] = (gan_real)beta;
        if (ggamma) ggamma[i] = (gan_real)gamma;
    }
}

/* --- the whole --- */

void gan__norm_run(const gan__norm *q, gan_real *y, gan_real *var, void *workspace, int threads) {
    if (gan__norm_is_of_rows(&q->s)) {
        gan__norm_rows_run(q, y, var, workspace, threads);
        return;
    }
    plan p = make_plan(q, workspace);
    first_pass(&p, NULL, threads);
    GAN__PARALLEL_FOR(gan__team(threads, q->s.a))
    for (int64_t a = 0; a < q->s.a; a++) {
        statistics(&p, a, var);
        spread(&p, a, q->mean + a * q->s.g, q->inv + a * q->s.g);
    }
    second_pass(&p, NULL, y, threads);
}

void gan__norm_fixed_run(const gan__norm *q, const gan_real *var, gan_real *y, void *workspace,
                         int threads) {
    plan p = make_plan(q, workspace);
    gan_real *inv = coefficients(&p, 0, GAN__NORM_FIRST); /* not used forwards */
    for (int64_t i = 0; i < p.c; i++) inv[i] = (gan_real)(1 / sqrt((double)var[i] + q->eps));
    spread(&p, 0, q->mean, inv);
    second_pass(&p, NULL, y, threads);
}

void gan__norm_back(const gan__norm *q, const gan_real *gy, gan_real *gx, gan_real *ggamma,
                    gan_real *gbeta, void *workspace, int threads) {
    if (gan__norm_is_of_rows(&q->s)) {
        gan__norm_rows_back(q, gy, gx, ggamma, gbeta, workspace, threads);
        return;
    }
    plan p = make_plan(q, workspace);
    GAN__PARALLEL_FOR(gan__team(threads, q->s.a))
    for (int64_t a = 0; a < q->s.a; a++) spread(&p, a, q->mean + a * q->s.g, q->inv + a * q->s.g);
    first_pass(&p, gy, threads);
    GAN__PARALLEL_FOR(gan__team(threads, q->s.a))
    for (int64_t a = 0; a < q->s.a; a++) spread_back(&p, a);
    affine_gradients(&p, ggamma, gbeta);
    if (gx) second_pass(&p, gy, gx, threads);
}
