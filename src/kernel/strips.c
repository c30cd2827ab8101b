/* SPDX-License-Identifier: MIT
 *
 * The result w with few channels c. A job is a part of the images; the parts are added up in order.
 * The rows of taps of a patch are whole lines of a sum, of which w has the first kw c elements. */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)256) /* patches multiplied at a time, about */
#define MANY 32             /* jobs enough */

typedef struct plan {
    const gan__conv *g;
    gan__frame f;
    int64_t strip, width;          /* elements of a row of taps; of all of them, in whole lines */
    int64_t band, bands;           /* rows of y multiplied at a time, their number in an image */
    int64_t images, blocks, parts; /* images multiplied at a time; blocks; jobs for them */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .f = gan__frame_make(g), .strip = g->kw * g->c};
    q.f.copied = 1; /* lines reach beyond the last pixel */
    q.f.w = (g->ow - 1) * g->sw + g->kw;
    q.width = g->kh * gan__whole(q.strip);
    q.band = gan__min(g->oh, gan__max(1, ROWS / g->ow));
    q.bands = gan__tiles(g->oh, q.band);
    q.f.h = (q.band - 1) * g->sh + g->kh;
    q.images = q.bands > 1 ? 1 : gan__min(g->n, gan__tiles(ROWS, g->oh * g->ow));
    q.blocks = gan__tiles(g->n, q.images) * q.bands;
    q.parts = gan__min(MANY, q.blocks);
    return q;
}

typedef struct parts {
    int64_t *patches, *lines;
    gan_real *sums, *frames;
    int64_t sum, frame; /* elements of each part's, of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    parts a = {.sum = q->g->k * q->width,
               .frame = gan__whole(q->images * gan__frame_size(&q->f)) + GAN__LINE};
    a.patches = gan__space_offsets(&s, q->images * q->band * q->g->ow);
    a.lines = gan__space_offsets(&s, q->width / GAN__LINE);
    a.sums = gan__space_reals(&s, q->parts * a.sum);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.bytes = s.bytes;
    return a;
}

size_t gan__strips_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *x, *y;
} run;

/* Block b of a part, added to what the part has. */
static void multiply(const run *r, int64_t b, gan_real *frame, gan_real *sum, int add) {
    const plan *q = &r->q;
    gan__conv g = *q->g;
    int64_t from = b / q->bands * q->images, to = gan__min(g.n, from + q->images);
    int64_t i = b % q->bands * q->band, n = gan__min(q->band, g.oh - i);
    const gan_real *y = r->y + (from * g.oh + i) * g.ow * g.k;
    g.ph -= i * g.sh; /* the band's own top */
    gan__frame_fill(&q->f, &g, r->x, from, to, frame);
    r->m->strips(g.k, q->width, (to - from) * n * g.ow, y, frame, r->a.patches, r->a.lines, sum,
                 q->width, add);
}

static void job(const run *r, int64_t part) {
    const plan *q = &r->q;
    int64_t first = q->blocks * part / q->parts, end = q->blocks * (part + 1) / q->parts;
    gan_real *frame = r->a.frames + gan__thread() * r->a.frame;
    memset(frame + r->a.frame - 2 * GAN__LINE, 0, 2 * sizeof *frame * (size_t)GAN__LINE);
    for (int64_t b = first; b < end; b++)
        multiply(r, b, frame, r->a.sums + part * r->a.sum, b > first);
}

static void join(const plan *q, const parts *a, gan_real *w) {
    int64_t rows = q->g->k * q->g->kh, whole = gan__whole(q->strip);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t e = 0; e < q->strip; e++) {
            const gan_real *part = a->sums + i * whole + e;
            gan_real sum = *part;
            for (int64_t s = 1; s < q->parts; s++) sum += part[s * a->sum];
            *w++ = sum;
        }
}

void gan__strips_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                     const gan_real *y, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .x = x, .y = y};
    const plan *q = &r.q;
    gan__conv band = *g;
    int64_t lines = gan__whole(q->strip) / GAN__LINE;
    r.a = make_parts(q, workspace, threads);
    band.oh = q->band;
    gan__frame_patches(&q->f, &band, q->images, r.a.patches);
    for (int64_t i = 0; i < g->kh * lines; i++)
        r.a.lines[i] = i / lines * q->f.w * g->c + i % lines * GAN__LINE;
    GAN__PARALLEL_FOR(gan__team(threads, q->parts))
    for (int64_t i = 0; i < q->parts; i++) job(&r, i);
    join(q, &r.a, w);
}
