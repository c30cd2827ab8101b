/* SPDX-License-Identifier: MIT
 *
 * The result w, transposed: [taps][patches] . [patches][k]. A job is a range of taps and, where that
 * gives few jobs, a part of the images; the parts are added up in order and transposed at the end. */
#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)256)  /* patches multiplied at a time, about */
#define RANGE ((int64_t)192) /* taps of a job: whole tiles of the product */
#define MANY 32              /* jobs enough */
#define CHUNK ((int64_t)16)  /* channels k transposed at a time */

typedef struct plan {
    const gan__conv *g;
    gan__frame f;
    int64_t depth, range, ranges; /* taps of all channels; of a job; number of jobs for them */
    int64_t images, blocks;       /* multiplied at a time; number of such blocks */
    int64_t splits;               /* parts that the blocks are cut into */
    int64_t width;                /* k rounded up */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .f = gan__frame_make(g), .depth = g->kh * g->kw * g->c};
    q.range = gan__min(RANGE, q.depth);
    q.ranges = gan__tiles(q.depth, q.range);
    q.images = gan__min(g->n, gan__tiles(ROWS, g->oh * g->ow));
    q.blocks = gan__tiles(g->n, q.images);
    q.splits = gan__min(gan__tiles(MANY, q.ranges), q.blocks);
    q.width = gan__whole(g->k);
    return q;
}

typedef struct parts {
    int64_t *patches, *taps;
    gan_real *sums, *frames, *rows;
    int64_t sum, frame,
        row; /* elements of each part's sums; of each thread's frames and rows of y */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    int64_t patches = q->images * q->g->oh * q->g->ow;
    parts a = {.sum = q->depth * q->width,
               .frame = q->f.copied ? q->images * gan__frame_size(&q->f) : 0,
               .row = q->width == q->g->k ? 0 : patches * q->width};
    a.patches = gan__space_offsets(&s, patches);
    a.taps = gan__space_offsets(&s, q->depth);
    a.sums = gan__space_reals(&s, q->splits * a.sum);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.rows = gan__space_reals(&s, threads * a.row);
    a.bytes = s.bytes;
    return a;
}

size_t gan__implicit_w_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *x, *y;
} run;

static void job(const run *r, int64_t split, int64_t first) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    int64_t n = gan__min(q->range, q->depth - first), pixels = g->oh * g->ow;
    int64_t b0 = q->blocks * split / q->splits, b1 = q->blocks * (split + 1) / q->splits;
    gan_real *sum = r->a.sums + split * r->a.sum + first * q->width;
    gan_real *frame = r->a.frames + gan__thread() * r->a.frame;
    for (int64_t b = b0; b < b1; b++) {
        int64_t from = b * q->images, to = gan__min(g->n, from + q->images);
        int64_t rows = (to - from) * pixels;
        const gan_real *images = r->x + from * g->h * g->w * g->c;
        if (q->f.copied) {
            gan__frame_fill(&q->f, g, r->x, from, to, frame);
            images = frame;
        }
        const gan_real *y = gan__rows_whole(rows, g->k, r->y + from * pixels * g->k,
                                            r->a.rows + gan__thread() * r->a.row);
        r->m->gemm_at(n, q->width, rows, images, r->a.taps + first, r->a.patches, y, q->width, sum,
                      q->width, b > b0);
    }
}

/* w[k][tap] = sum over the parts of [tap][k], for a chunk of k. */
static void join(const plan *q, const parts *a, int64_t k0, gan_real *w) {
    int64_t n = gan__min(CHUNK, q->g->k - k0);
    for (int64_t tap = 0; tap < q->depth; tap++)
        for (int64_t k = k0; k < k0 + n; k++) {
            const gan_real *part = a->sums + tap * q->width + k;
            gan_real sum = *part;
            for (int64_t s = 1; s < q->splits; s++) sum += part[s * a->sum];
            w[k * q->depth + tap] = sum;
        }
}

void gan__implicit_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .x = x, .y = y};
    const plan *q = &r.q;
    int64_t chunks = gan__tiles(g->k, CHUNK);
    r.a = make_parts(q, workspace, threads);
    gan__frame_patches(&q->f, g, q->images, r.a.patches);
    gan__frame_taps(&q->f, g, r.a.taps);
    GAN__PARALLEL_FOR(gan__team(threads, q->splits * q->ranges))
    for (int64_t i = 0; i < q->splits * q->ranges; i++)
        job(&r, i / q->ranges, i % q->ranges * q->range);
    GAN__PARALLEL_FOR(gan__team(threads, chunks))
    for (int64_t i = 0; i < chunks; i++) join(q, &r.a, i * CHUNK, w);
}
