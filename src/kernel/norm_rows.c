/* SPDX-License-Identifier: MIT
 *
 * Norms of rows: layer norm of vectors and of tokens (g = r = 1). A row is small and its statistics
 * are its own, so each is done with at once, while it is in the cache, and nothing is kept of it.
 * The gradients of gamma and beta are sums over all rows: over RUN rows at a time in gan_real, those
 * added in double, in blocks of rows of fixed size, and the blocks added in order. */
#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/norm.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define RUN ((int64_t)64)
#define BLOCKS ((int64_t)16) /* at most: so many sums there are */

typedef struct plan {
    const gan__norm *q;
    const gan__machine *m;
    int64_t c, rows, blocks; /* channels; rows of a block */
    gan_real *gamma, *beta;  /* [c]: 1 and 0 where there are none */
    double *part;            /* [blocks][2][c]: of g * xhat and of g */
    gan_real *run;           /* the same of a few rows, of each block */
    size_t bytes;
} plan;

static plan make_plan(const gan__groups *s, void *base) {
    gan__space space = {base, 0};
    plan p = {.c = s->b, .rows = gan__max(RUN, gan__tiles(s->a, BLOCKS))};
    p.blocks = gan__tiles(s->a, p.rows);
    p.gamma = gan__space_reals(&space, p.c);
    p.beta = gan__space_reals(&space, p.c);
    p.part = gan__space_bytes(&space, (size_t)(p.blocks * 2 * p.c) * sizeof *p.part);
    p.run = gan__space_reals(&space, p.blocks * gan__apart(2 * p.c));
    p.bytes = space.bytes;
    return p;
}

size_t gan__norm_rows_workspace(const gan__groups *s) {
    return make_plan(s, NULL).bytes;
}

static plan begin(const gan__norm *q, void *workspace) {
    plan p = make_plan(&q->s, workspace);
    p.q = q, p.m = gan__machine_here();
    for (int64_t i = 0; i < p.c; i++) {
        p.gamma[i] = q->gamma ? q->gamma[i] : 1;
        p.beta[i] = q->beta ? q->beta[i] : 0;
    }
    return p;
}

/* --- forward --- */

static void forward(const plan *p, int64_t row, gan_real *y, gan_real *var) {
    const gan__norm *q = p->q;
    const gan_real *x = q->x + row * p->c;
    gan_real mean = p->m->sum.row(p->c, x) / (gan_real)p->c;
    gan_real v = p->m->norm.row_squares(p->c, x, mean) / (gan_real)p->c;
    q->mean[row] = mean;
    var[row] = v;
    q->inv[row] = (gan_real)(1 / sqrt((double)v + q->eps));
    p->m->norm.row_apply(p->c, x, p->gamma, p->beta, mean, q->inv[row], (gan_real)q->slope,
                         y + row * p->c);
}

void gan__norm_rows_run(const gan__norm *q, gan_real *y, gan_real *var, void *workspace,
                        int threads) {
    plan p = begin(q, workspace);
    int64_t rows = gan__max(1, GAN__TILE / p.c), tiles = gan__tiles(q->s.a, rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t row = k * rows; row < gan__min(q->s.a, (k + 1) * rows); row++)
            forward(&p, row, y, var);
}

/* --- backward --- */

/* gx = inv (gamma g - mean(gamma g) - xhat mean(gamma g xhat)); adds g * xhat and g to run. */
static void back(const plan *p, int64_t row, const gan_real *gy, gan_real *gx, gan_real *run) {
    const gan__norm *q = p->q;
    const gan_real *x = q->x + row * p->c, *g = gy + row * p->c;
    gan_real mean = q->mean[row], inv = q->inv[row], sum[2];
    p->m->norm.row_sums(p->c, x, g, p->gamma, p->beta, mean, inv, (gan_real)q->slope, run, sum);
    if (gx)
        p->m->norm.row_back(p->c, x, g, p->gamma, p->beta, mean, inv, (gan_real)q->slope,
                            sum[0] / (gan_real)p->c, sum[1] / (gan_real)p->c, gx + row * p->c);
}

static void back_block(const plan *p, int64_t block, const gan_real *gy, gan_real *gx) {
    int64_t n = 2 * p->c, end = gan__min(p->q->s.a, (block + 1) * p->rows);
    double *part = p->part + block * n;
    gan_real *run = p->run + block * gan__apart(n);
    for (int64_t i = 0; i < n; i++) part[i] = 0;
    for (int64_t from = block * p->rows; from < end; from += RUN) {
        memset(run, 0, sizeof *run * (size_t)n);
        for (int64_t row = from; row < gan__min(end, from + RUN); row++) back(p, row, gy, gx, run);
        for (int64_t i = 0; i < n; i++) part[i] += (double)run[i];
    }
}

static void join(const plan *p, const double *part, gan_real *g) {
    for (int64_t i = 0; g && i < p->c; i++) {
        double sum = 0;
        for (int64_t k = 0; k < p->blocks; k++) sum += part[k * 2 * p->c + i];
        g[i] = (gan_real)sum;
    }
}

void gan__norm_rows_back(const gan__norm *q, const gan_real *gy, gan_real *gx, gan_real *ggamma,
                         gan_real *gbeta, void *workspace, int threads) {
    plan p = begin(q, workspace);
    GAN__PARALLEL_FOR(gan__team(threads, p.blocks))
    for (int64_t block = 0; block < p.blocks; block++) back_block(&p, block, gy, gx);
    join(&p, p.part, ggamma);
    join(&p, p.part + p.c, gbeta);
}
