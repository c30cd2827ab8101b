/* SPDX-License-Identifier: MIT
 *
 * The result w: for each point a product over the tiles, [k][tiles] . [tiles][c of a phase], of
 * lifted images of x and y. Images are lifted a block at a time, all threads together; then a job is
 * a range of k and a phase, at all points, whose products are added up over the blocks in order and
 * dropped to taps after the last. With one block they stay with the thread. */
#include <string.h>

#include "kernel/shape.h"
#include "kernel/winograd.h"

#define RANGE ((int64_t)24)       /* channels k of a job: whole tiles of the product */
#define LIFTED ((int64_t)3 << 20) /* elements of a lifted block: it stays in a shared cache */
#define MOST 9                    /* taps of a phase */

typedef struct plan {
    gan__tiling t;
    int64_t images, blocks, rows; /* in a block; number of blocks; tiles of a block */
    int64_t x, y, product;        /* distances of rows */
    int64_t ranges, jobs;
    int64_t size; /* elements of a job's products */
    int64_t margin;
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.t = gan__tiling_make(g)};
    q.x = gan__apart(q.t.phases * g->c), q.y = gan__apart(g->k);
    int64_t image = q.t.points * q.t.image * (q.x + q.y);
    q.blocks = gan__tiles(g->n, gan__max(1, LIFTED / image));
    q.images = gan__tiles(g->n, q.blocks);
    q.rows = q.images * q.t.image;
    q.product = gan__apart(g->c);
    q.ranges = gan__tiles(g->k, RANGE);
    q.jobs = q.ranges * q.t.phases;
    q.size = q.t.points * RANGE * q.product;
    q.margin = gan__whole(gan__max(g->c, g->k));
    return q;
}

typedef struct parts {
    gan_real *zeros, *x, *y, *products;
    int64_t total;
} parts;

static gan_real *take(parts *a, gan_real *base, int64_t n) {
    gan_real *p = base ? base + a->total : NULL;
    a->total += gan__whole(n);
    return p;
}

static parts make_parts(const plan *q, gan_real *base, int threads) {
    parts a = {0};
    a.zeros = take(&a, base, q->margin);
    a.x = take(&a, base, q->t.points * q->rows * q->x);
    a.y = take(&a, base, q->t.points * q->rows * q->y);
    a.products = take(&a, base, (q->blocks > 1 ? q->jobs : threads) * q->size);
    return a;
}

static void lift_block(const gan__machine *m, const plan *q, const parts *a, const gan_real *x,
                       const gan_real *y, int64_t from, int64_t to, int threads) {
    gan__margin margin = {a->zeros, NULL, q->margin};
    GAN__PARALLEL_FOR(gan__team(threads, to - from))
    for (int64_t n = from; n < to; n++) {
        int64_t row = (n - from) * q->t.image;
        gan__tiles_lift(m, &q->t, GAN__CONV_X, x, n, n + 1, &margin, a->x + row * q->x, q->x,
                        q->rows * q->x);
        gan__tiles_lift(m, &q->t, GAN__CONV_Y, y, n, n + 1, &margin, a->y + row * q->y, q->y,
                        q->rows * q->y);
    }
}

/* Products at the points, [point][k][c], to the taps of w. */
static void drop(const gan__machine *m, const plan *q, int64_t phase, int64_t k0, int64_t kn,
                 const gan_real *products, gan_real *w) {
    const gan__conv *g = q->t.g;
    int64_t s = q->t.form->stride, r = q->t.form->size[GAN__CONV_W];
    for (int64_t k = 0; k < kn; k++) {
        gan_real *tap[MOST], *kernel = w + (k0 + k) * g->kh * g->kw * g->c;
        for (int64_t i = 0; i < r * r; i++)
            tap[i] = kernel + ((i / r * s + phase / s) * g->kw + i % r * s + phase % s) * g->c;
        m->synthesis[q->t.variant][GAN__CONV_W](products + k * q->product, RANGE * q->product, g->c,
                                                NULL, tap);
    }
}

size_t gan__winograd_w_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return (size_t)make_parts(&q, NULL, threads).total * sizeof(gan_real);
}

void gan__winograd_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads) {
    plan q = make_plan(g);
    parts a = make_parts(&q, workspace, threads);
    memset(a.zeros, 0, sizeof(gan_real) * (size_t)q.margin);
    for (int64_t block = 0; block < q.blocks; block++) {
        int64_t from = g->n * block / q.blocks, to = g->n * (block + 1) / q.blocks;
        int64_t rows = (to - from) * q.t.image;
        lift_block(m, &q, &a, x, y, from, to, threads);
        GAN__PARALLEL_FOR(gan__team(threads, q.jobs))
        for (int64_t job = 0; job < q.jobs; job++) {
            int64_t phase = job % q.t.phases, k0 = job / q.t.phases * RANGE;
            int64_t kn = gan__min(RANGE, g->k - k0);
            gan_real *products = a.products + (q.blocks > 1 ? job : gan__thread()) * q.size;
            for (int64_t p = 0; p < q.t.points; p++)
                m->gemm(kn, gan__whole(g->c), rows, a.y + p * q.rows * q.y + k0, 1, q.y,
                        a.x + p * q.rows * q.x + phase * g->c, q.x,
                        products + p * RANGE * q.product, q.product, block > 0);
            if (block == q.blocks - 1) drop(m, &q, phase, k0, kn, products, w);
        }
    }
}
