/* SPDX-License-Identifier: MIT
 *
 * The result w: for each point a product over the tiles, [k][tiles] . [tiles][c of the phases], of
 * lifted images of x and y.
 *
 * few channels   a job is a part of the images: lifted a few at a time and multiplied at once, in
 *                memory of its own. The products of the parts are added up in order at the end.
 * many channels  all images are lifted first; then a job is a range of k and a phase, whose products
 *                are dropped to taps at once. (Where the images are too many to be lifted at a time,
 *                the products are kept and added up over the blocks.)
 *
 * Few cores share a cache: what one has just written is expensive to read for another, so threads
 * share lifted images only where the products are too large for each to have its own. */
#include <string.h>

#include "kernel/shape.h"
#include "kernel/winograd.h"
#include "kernel/workspace.h"

#define PARTS 4                    /* of the images */
#define OWN ((int64_t)8 << 20)     /* elements of the products of all parts, at most */
#define BLOCK ((int64_t)640 << 10) /* elements lifted at a time by one thread */
#define SHARED ((int64_t)6 << 20)  /* and by all of them */
#define RANGE ((int64_t)24)        /* channels k of a job: whole tiles of the product */

typedef struct plan {
    gan__tiling t;
    int own;                      /* jobs are parts of the images */
    int64_t parts;                /* that many */
    int64_t images, blocks, rows; /* lifted at a time; blocks of them; tiles of a block */
    int64_t ranges;               /* of k */
    int64_t x, y, product;        /* distances of rows */
    int64_t lift_x, lift_y, drop; /* distances of points */
    int64_t margin;
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.t = gan__tiling_make(g), .ranges = gan__tiles(g->k, RANGE)};
    int64_t columns = q.t.phases * g->c, image;
    q.x = gan__apart(columns), q.y = gan__apart(g->k);
    q.parts = gan__min(g->n, PARTS);
    q.own = q.t.image * g->n >= 512 && q.parts * q.t.points * g->k * gan__apart(columns) <= OWN;
    image = q.t.points * q.t.image * (q.x + q.y);
    q.images = gan__min(q.own ? gan__tiles(g->n, q.parts) : g->n,
                        gan__max(1, (q.own ? BLOCK : SHARED) / image));
    q.blocks = gan__tiles(g->n, q.images);
    q.rows = q.images * q.t.image;
    q.lift_x = gan__apart(q.rows * q.x), q.lift_y = gan__apart(q.rows * q.y);
    q.product = gan__apart(q.own ? columns : g->c);
    q.drop = gan__apart((q.own ? g->k : RANGE) * q.product);
    q.margin = gan__whole(gan__max(g->c, g->k));
    return q;
}

typedef struct parts {
    gan_real *zeros, *x, *y, *products;
    int64_t lift_x, lift_y, product; /* elements of each job's, or of those that share one */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    int64_t points = q->t.points, jobs = q->ranges * q->t.phases, lifts = q->own ? threads : 1;
    parts a = {.zeros = gan__space_reals(&s, q->margin)};
    a.lift_x = points * q->lift_x, a.lift_y = points * q->lift_y, a.product = points * q->drop;
    a.x = gan__space_reals(&s, lifts * a.lift_x);
    a.y = gan__space_reals(&s, lifts * a.lift_y);
    a.products = gan__space_reals(&s, (q->own           ? q->parts
                                       : q->blocks == 1 ? threads
                                                        : jobs) *
                                          a.product);
    a.bytes = s.bytes;
    return a;
}

size_t gan__winograd_w_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    gan__margin margin;
    const gan_real *x, *y;
    gan_real *w;
    int threads;
} run;

/* The images [from, to), as rows from `row` on. */
static void lift(const run *r, int64_t from, int64_t to, int64_t row, gan_real *x, gan_real *y) {
    const plan *q = &r->q;
    gan__tiles_lift(r->m, &q->t, GAN__CONV_X, r->x, from, to, &r->margin, x + row * q->x, q->x,
                    q->lift_x);
    gan__tiles_lift(r->m, &q->t, GAN__CONV_Y, r->y, from, to, &r->margin, y + row * q->y, q->y,
                    q->lift_y);
}

/* Products of one k and phase at the points, to its taps. */
static void drop(const run *r, int64_t phase, int64_t k, const gan_real *products) {
    const plan *q = &r->q;
    const gan__conv *g = q->t.g;
    int64_t at[GAN__MOST_TAPS];
    gan_real *tap[GAN__MOST_TAPS], *kernel = r->w + k * g->kh * g->kw * g->c;
    int taps = gan__tiling_taps(&q->t, phase, at);
    for (int i = 0; i < taps; i++) tap[i] = kernel + at[i] * g->c;
    r->m->synthesis[q->t.variant][GAN__CONV_W](products, q->drop, g->c, NULL, 1, tap);
}

/* --- few channels --- */

static void run_part(const run *r, int64_t part) {
    const plan *q = &r->q;
    const gan__conv *g = q->t.g;
    int64_t from = g->n * part / q->parts, to = g->n * (part + 1) / q->parts;
    gan_real *x = r->a.x + gan__thread() * r->a.lift_x, *y = r->a.y + gan__thread() * r->a.lift_y;
    gan_real *products = r->a.products + part * r->a.product;
    for (int64_t n = from; n < to; n += q->images) {
        int64_t end = gan__min(to, n + q->images);
        lift(r, n, end, 0, x, y);
        for (int64_t p = 0; p < q->t.points; p++)
            r->m->gemm(g->k, gan__whole(q->t.phases * g->c), (end - n) * q->t.image,
                       y + p * q->lift_y, 1, q->y, x + p * q->lift_x, q->x, products + p * q->drop,
                       q->product, n > from);
    }
}

/* Adds the products of all parts for one k to those of the first, and drops them. */
static void join(const run *r, int64_t k) {
    const plan *q = &r->q;
    int64_t columns = q->t.phases * q->t.g->c;
    gan_real *sum = r->a.products + k * q->product;
    for (int64_t part = 1; part < q->parts; part++)
        for (int64_t p = 0; p < q->t.points; p++) {
            const gan_real *from = sum + part * r->a.product + p * q->drop;
            for (int64_t c = 0; c < columns; c++) sum[p * q->drop + c] += from[c];
        }
    for (int64_t phase = 0; phase < q->t.phases; phase++)
        drop(r, phase, k, sum + phase * q->t.g->c);
}

static void run_parts(const run *r) {
    GAN__PARALLEL_FOR(gan__team(r->threads, r->q.parts))
    for (int64_t part = 0; part < r->q.parts; part++) run_part(r, part);
    GAN__PARALLEL_FOR(gan__team(r->threads, r->q.t.g->k))
    for (int64_t k = 0; k < r->q.t.g->k; k++) join(r, k);
}

/* --- many channels --- */

static void run_range(const run *r, int64_t job, int64_t rows, int first, int last) {
    const plan *q = &r->q;
    const gan__conv *g = q->t.g;
    int64_t phase = job / q->ranges, k0 = job % q->ranges * RANGE;
    int64_t kn = gan__min(RANGE, g->k - k0);
    gan_real *products = r->a.products + (q->blocks == 1 ? gan__thread() : job) * r->a.product;
    for (int64_t p = 0; p < q->t.points; p++)
        r->m->gemm(kn, gan__whole(g->c), rows, r->a.y + p * q->lift_y + k0, 1, q->y,
                   r->a.x + p * q->lift_x + phase * g->c, q->x, products + p * q->drop, q->product,
                   !first);
    for (int64_t k = 0; last && k < kn; k++) drop(r, phase, k0 + k, products + k * q->product);
}

static void run_blocks(const run *r) {
    const plan *q = &r->q;
    for (int64_t block = 0; block < q->blocks; block++) {
        int64_t from = block * q->images, to = gan__min(q->t.g->n, from + q->images);
        GAN__PARALLEL_FOR(gan__team(r->threads, to - from))
        for (int64_t n = from; n < to; n++)
            lift(r, n, n + 1, (n - from) * q->t.image, r->a.x, r->a.y);
        GAN__PARALLEL_FOR(gan__team(r->threads, q->ranges * q->t.phases))
        for (int64_t job = 0; job < q->ranges * q->t.phases; job++)
            run_range(r, job, (to - from) * q->t.image, block == 0, block == q->blocks - 1);
    }
}

void gan__winograd_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .x = x, .y = y, .w = w, .threads = threads};
    r.a = make_parts(&r.q, workspace, threads);
    r.margin = (gan__margin){r.a.zeros, NULL, r.q.margin};
    memset(r.a.zeros, 0, sizeof(gan_real) * (size_t)r.q.margin);
    if (r.q.own)
        run_parts(&r);
    else
        run_blocks(&r);
}
