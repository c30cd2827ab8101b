/* SPDX-License-Identifier: MIT
 *
 * The result w: for each point a product over the tiles, [k][tiles] . [tiles][c of a phase], of
 * lifted images of x and y. Images are lifted a block at a time, all threads together, and products
 * are added up over the blocks in order:
 *
 * many k, one block   a job is a range of k of a phase, at all points: its products are dropped to
 *                     taps at once and never leave the cache of their thread;
 * else                a job is a range of k of a phase at one point; taps come after the last block. */
#include <string.h>

#include "kernel/shape.h"
#include "kernel/winograd.h"
#include "kernel/workspace.h"

#define RANGE ((int64_t)24)       /* channels k of a part: whole tiles of the product */
#define MANY 40                   /* parts that are jobs enough */
#define LIFTED ((int64_t)3 << 20) /* elements of a lifted block: it stays in a shared cache */
#define MOST 9                    /* taps of a phase */

typedef struct plan {
    gan__tiling t;
    int64_t images, blocks, rows; /* in a block; number of blocks; tiles of a block */
    int64_t x, y, product;        /* distances of rows */
    int64_t ranges, parts;        /* of k; of k and phases */
    int whole;                    /* a job has all points of a part */
    int64_t size;                 /* elements of the products of a part */
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
    q.parts = q.ranges * q.t.phases;
    q.whole = q.blocks == 1 && q.parts >= MANY;
    q.size = q.t.points * RANGE * q.product;
    q.margin = gan__whole(gan__max(g->c, g->k));
    return q;
}

typedef struct parts {
    gan_real *zeros, *x, *y, *products;
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    parts a = {.zeros = gan__space_reals(&s, q->margin)};
    a.x = gan__space_reals(&s, q->t.points * q->rows * q->x);
    a.y = gan__space_reals(&s, q->t.points * q->rows * q->y);
    a.products = gan__space_reals(&s, (q->whole ? threads : q->parts) * q->size);
    a.bytes = s.bytes;
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

/* Products at the points, [point][k][c], of one k to its taps. */
static void drop(const gan__machine *m, const plan *q, int64_t phase, int64_t k,
                 const gan_real *products, gan_real *w) {
    const gan__conv *g = q->t.g;
    int64_t s = q->t.form->stride, r = q->t.form->size[GAN__CONV_W];
    gan_real *tap[MOST], *kernel = w + k * g->kh * g->kw * g->c;
    for (int64_t i = 0; i < r * r; i++)
        tap[i] = kernel + ((i / r * s + phase / s) * g->kw + i % r * s + phase % s) * g->c;
    m->synthesis[q->t.variant][GAN__CONV_W](products + k % RANGE * q->product, RANGE * q->product,
                                            g->c, NULL, tap);
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    gan_real *w;
    int threads;
} run;

/* One point of a part: phase and range of k. */
static void multiply(const run *r, int64_t part, int64_t point, int64_t rows, gan_real *products,
                     int add) {
    const plan *q = &r->q;
    const gan__conv *g = q->t.g;
    int64_t phase = part / q->ranges, k0 = part % q->ranges * RANGE;
    r->m->gemm(gan__min(RANGE, g->k - k0), gan__whole(g->c), rows,
               r->a.y + point * q->rows * q->y + k0, 1, q->y,
               r->a.x + point * q->rows * q->x + phase * g->c, q->x,
               products + point * RANGE * q->product, q->product, add);
}

static void run_whole(const run *r) {
    const plan *q = &r->q;
    GAN__PARALLEL_FOR(gan__team(r->threads, q->parts))
    for (int64_t part = 0; part < q->parts; part++) {
        gan_real *products = r->a.products + gan__thread() * q->size;
        int64_t k0 = part % q->ranges * RANGE, k1 = gan__min(k0 + RANGE, q->t.g->k);
        for (int64_t p = 0; p < q->t.points; p++) multiply(r, part, p, q->rows, products, 0);
        for (int64_t k = k0; k < k1; k++) drop(r->m, q, part / q->ranges, k, products, r->w);
    }
}

static void run_points(const run *r, int64_t rows, int add) {
    const plan *q = &r->q;
    GAN__PARALLEL_FOR(gan__team(r->threads, q->t.points * q->parts))
    for (int64_t job = 0; job < q->t.points * q->parts; job++) {
        int64_t part = job % q->parts;
        multiply(r, part, job / q->parts, rows, r->a.products + part * q->size, add);
    }
}

static void drop_all(const run *r) {
    const plan *q = &r->q;
    int64_t k = q->t.g->k;
    GAN__PARALLEL_FOR(gan__team(r->threads, q->t.phases * k))
    for (int64_t i = 0; i < q->t.phases * k; i++) {
        int64_t part = i / k * q->ranges + i % k / RANGE;
        drop(r->m, q, i / k, i % k, r->a.products + part * q->size, r->w);
    }
}

size_t gan__winograd_w_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

void gan__winograd_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .w = w, .threads = threads};
    const plan *q = &r.q;
    r.a = make_parts(q, workspace, threads);
    memset(r.a.zeros, 0, sizeof(gan_real) * (size_t)q->margin);
    for (int64_t block = 0; block < q->blocks; block++) {
        int64_t from = g->n * block / q->blocks, to = g->n * (block + 1) / q->blocks;
        lift_block(m, q, &r.a, x, y, from, to, threads);
        if (q->whole)
            run_whole(&r);
        else
            run_points(&r, (to - from) * q->t.image, block > 0);
    }
    if (!q->whole) drop_all(&r);
}
