/* SPDX-License-Identifier: MIT
 *
 * The results x and y: for each point a product [tiles][depth] . [depth][columns], of lifted images
 * and panels of weights. One of the two is prepared whole and shared; jobs go over the other:
 *
 * many tiles   all panels first, then a job is a block of images: lifted, multiplied and dropped
 *              while it is in the cache of its thread;
 * few tiles    all images first, then a job is a panel: made, used and forgotten part by part. So
 *              the weights at the points, six times the weights, never leave the caches.
 *
 * The cut depends on the shape alone, each result is one job's, and jobs share nothing that they
 * write: the number of threads does not show. */
#include "kernel/winograd.h"

#include <string.h>

#include "kernel/panels.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define PANELS_MOST ((int64_t)4 << 20) /* elements of all panels, for them to be made first */
#define BLOCK ((int64_t)320 << 10)     /* elements of a lifted block and its products */
#define ROWS ((int64_t)128)            /* tiles lifted at once when panels are the jobs */
#define LEAST 16                       /* channels and tiles below which gathered patches win */

int gan__winograd_can(const gan__conv *g) {
    return gan__tiling_make(g).variant >= 0;
}

int gan__winograd_pays(const gan__conv *g) {
    gan__tiling t = gan__tiling_make(g);
    if (g->c < LEAST || g->k < LEAST || g->n * t.image < LEAST) return 0;
    int64_t direct = g->oh * g->ow * g->kh * g->kw, products = t.points * t.phases * t.image;
    return 2 * direct >= 3 * products;
}

typedef struct plan {
    gan__tiling t;
    gan__panels p;
    gan__conv_role from;     /* what is lifted */
    int panels_first;        /* else images first */
    int64_t images, blocks;  /* in a block; number of blocks */
    int64_t rows;            /* tiles of a block */
    int64_t depth;           /* rows of a panel that are made at a time */
    int64_t lifted, product; /* distances of rows */
    int64_t lift, drop;      /* distances of points */
    int64_t margin;
} plan;

static void make_plan(const gan__conv *g, gan__conv_role result, plan *q) {
    *q = (plan){.t = gan__tiling_make(g)};
    q->from = result == GAN__CONV_Y ? GAN__CONV_X : GAN__CONV_Y;
    q->p = gan__panels_make(&q->t, result);
    q->panels_first = q->p.count * q->t.points * q->p.depth * GAN__PANEL <= PANELS_MOST;
    q->depth = q->panels_first ? q->p.depth : gan__min(GAN__DEPTH, q->p.depth);
    q->lifted = gan__apart(q->p.depth);
    q->product = gan__apart(q->panels_first ? q->p.groups * gan__whole(q->p.columns) : GAN__PANEL);
    int64_t image = q->t.points * q->t.image * (q->lifted + q->product);
    q->images = q->panels_first
                    ? gan__max(gan__max(1, BLOCK / image), gan__tiles(LEAST, q->t.image))
                    : gan__tiles(ROWS, q->t.image);
    q->images = gan__min(q->images, g->n);
    q->blocks = gan__tiles(g->n, q->images);
    q->rows = q->images * q->t.image;
    q->lift = gan__apart(q->rows * q->lifted);
    q->drop = gan__apart(q->rows * q->product);
    q->margin = gan__whole(gan__max(g->c, g->k));
}

typedef struct parts {
    gan_real *zeros, *waste, *panels, *lifted, *products, *scratch;
    int64_t panel, lift,
        product; /* elements of each panel, and of each thread's or the one block */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    int64_t points = q->t.points;
    parts a = {.panel = points * gan__panel_apart(q->depth, GAN__PANEL),
               .lift = points * q->lift,
               .product = points * q->drop};
    a.zeros = gan__space_reals(&s, q->margin);
    a.waste = gan__space_reals(&s, threads * q->margin);
    a.panels = gan__space_reals(&s, (q->panels_first ? q->p.count : threads) * a.panel);
    a.lifted = gan__space_reals(&s, (q->panels_first ? threads : 1) * a.lift);
    a.products = gan__space_reals(&s, threads * a.product);
    a.scratch = gan__space_reals(&s, threads * GAN__PANEL_SCRATCH);
    a.bytes = s.bytes;
    return a;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    gan__margin margin;
    const gan_real *w, *in;
    gan_real *out;
    const gan__ending *end;
    int threads;
} run;

static gan_real *scratch(const run *r) {
    return r->a.scratch + gan__thread() * GAN__PANEL_SCRATCH;
}

/* --- many tiles --- */

static void multiply_block(const run *r, int64_t rows, const gan_real *lifted, gan_real *products) {
    const plan *q = &r->q;
    int64_t columns = gan__whole(q->p.columns), depth = q->p.depth;
    for (int64_t point = 0; point < q->t.points; point++)
        for (int64_t i = 0; i < q->p.count; i++) {
            gan__panel e = gan__panel_at(&q->p, i);
            r->m->gemm(rows, e.width, depth, lifted + point * q->lift, q->lifted, 1,
                       r->a.panels + i * r->a.panel + point * gan__panel_apart(depth, e.width),
                       e.width, products + point * q->drop + e.group * columns + e.first,
                       q->product, 0);
        }
}

static void run_panels_first(const run *r) {
    const plan *q = &r->q;
    const parts *a = &r->a;
    int64_t n = q->t.g->n, columns = gan__whole(q->p.columns);
    GAN__PARALLEL_FOR(gan__team(r->threads, q->p.count))
    for (int64_t i = 0; i < q->p.count; i++)
        gan__panel_make(r->m, &q->p, i, 0, q->p.depth, r->w, a->panels + i * a->panel, scratch(r));
    GAN__PARALLEL_FOR(gan__team(r->threads, q->blocks))
    for (int64_t block = 0; block < q->blocks; block++) {
        int64_t from = n * block / q->blocks, to = n * (block + 1) / q->blocks;
        gan_real *lifted = a->lifted + gan__thread() * a->lift;
        gan_real *products = a->products + gan__thread() * a->product;
        gan__tiles_lift(r->m, &q->t, q->from, r->in, from, to, &r->margin, lifted, q->lifted,
                        q->lift);
        multiply_block(r, (to - from) * q->t.image, lifted, products);
        for (int64_t group = 0; group < q->p.groups; group++)
            gan__tiles_drop(r->m, &q->t, q->p.result, r->out, from, to, group, 0, q->p.columns,
                            &r->margin, r->end, products + group * columns, q->product, q->drop);
    }
}

/* --- few tiles --- */

static void lift_block(const run *r, int64_t from, int64_t to) {
    const plan *q = &r->q;
    GAN__PARALLEL_FOR(gan__team(r->threads, to - from))
    for (int64_t n = from; n < to; n++)
        gan__tiles_lift(r->m, &q->t, q->from, r->in, n, n + 1, &r->margin,
                        r->a.lifted + (n - from) * q->t.image * q->lifted, q->lifted, q->lift);
}

/* Panel i is made and multiplied a few of its rows at a time, so that they are still in the cache. */
static void multiply_panel(const run *r, int64_t i, int64_t rows, gan_real *panel,
                           gan_real *products) {
    const plan *q = &r->q;
    int64_t width = gan__panel_at(&q->p, i).width;
    for (int64_t d = 0; d < q->p.depth; d += q->depth) {
        int64_t n = gan__min(q->depth, q->p.depth - d);
        gan__panel_make(r->m, &q->p, i, d, n, r->w, panel, scratch(r));
        for (int64_t point = 0; point < q->t.points; point++)
            r->m->gemm(rows, width, n, r->a.lifted + point * q->lift + d, q->lifted, 1,
                       panel + point * gan__panel_apart(n, width), width,
                       products + point * q->drop, q->product, d > 0);
    }
}

static void run_images_first(const run *r) {
    const plan *q = &r->q;
    const parts *a = &r->a;
    int64_t n = q->t.g->n;
    for (int64_t block = 0; block < q->blocks; block++) {
        int64_t from = n * block / q->blocks, to = n * (block + 1) / q->blocks;
        lift_block(r, from, to);
        GAN__PARALLEL_FOR(gan__team(r->threads, q->p.count))
        for (int64_t i = 0; i < q->p.count; i++) {
            gan__panel e = gan__panel_at(&q->p, i);
            gan_real *products = a->products + gan__thread() * a->product;
            multiply_panel(r, i, (to - from) * q->t.image, a->panels + gan__thread() * a->panel,
                           products);
            gan__tiles_drop(r->m, &q->t, q->p.result, r->out, from, to, e.group, e.first, e.n,
                            &r->margin, r->end, products, q->product, q->drop);
        }
    }
}

/* --- the kernel --- */

size_t gan__winograd_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    plan q;
    if (result == GAN__CONV_W) return gan__winograd_w_workspace(g, threads);
    make_plan(g, result, &q);
    return make_parts(&q, NULL, threads).bytes;
}

void gan__winograd_run(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                       gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                       void *workspace, int threads) {
    if (result == GAN__CONV_W) {
        gan__winograd_w_run(m, g, x, w, y, workspace, threads);
        return;
    }
    run r = {.m = m, .w = w, .end = end, .threads = threads};
    make_plan(g, result, &r.q);
    r.a = make_parts(&r.q, workspace, threads);
    r.margin = (gan__margin){r.a.zeros, r.a.waste, r.q.margin};
    r.in = result == GAN__CONV_Y ? x : y;
    r.out = result == GAN__CONV_Y ? y : x;
    memset(r.a.zeros, 0, sizeof(gan_real) * (size_t)r.q.margin);
    if (r.q.panels_first)
        run_panels_first(&r);
    else
        run_images_first(&r);
}
