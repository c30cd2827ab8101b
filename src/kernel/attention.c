/* SPDX-License-Identifier: MIT
 *
 * All products are of the transposes, with a query in each column: scores k q^T are [keys][queries],
 * results v^T p are [e][queries]. So what belongs to a query (highest score, sum, factor) is a row of
 * numbers beside the columns, k and v are read where they lie, and nothing is padded but the last
 * columns. A job is a block of queries of one b; it walks over the keys in order. */
#include "kernel/attention.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/turn.h"
#include "kernel/workspace.h"

void gan__attention_turn(int64_t n, int64_t d, int64_t w, double scale, const gan_real *x,
                         gan_real *out) {
    gan__turn(n, d, x, d, out, w);
    for (int64_t j = 0; j < d; j++)
        for (int64_t i = 0; i < w; i++)
            out[j * w + i] = i < n ? (gan_real)scale * out[j * w + i] : 0;
}

/* A thread's own. */
typedef struct parts {
    gan_real *queries, *tile, *result; /* [d][w], [keys][w], [e][w] */
    gan_real *top, *sum, *shrink;      /* [w] */
    size_t bytes;
} parts;

static parts make_parts(const gan__attention *s, void *base) {
    gan__space space = {base, 0};
    parts a = {.queries = gan__space_reals(&space, s->d * GAN__QUERIES)};
    a.tile = gan__space_reals(&space, gan__min(GAN__KEYS, s->tk) * GAN__QUERIES);
    a.result = gan__space_reals(&space, s->e * GAN__QUERIES);
    a.top = gan__space_reals(&space, GAN__QUERIES);
    a.sum = gan__space_reals(&space, GAN__QUERIES);
    a.shrink = gan__space_reals(&space, GAN__QUERIES);
    a.bytes = space.bytes;
    return a;
}

size_t gan__attention_workspace(const gan__attention *s, int threads) {
    return (size_t)threads * make_parts(s, NULL).bytes;
}

/* The sums so far are about the old highest scores. */
static void shrink(const gan__machine *m, const parts *a, int64_t e, int64_t w) {
    for (int64_t j = 0; j < e; j++) {
        gan_real *row = a->result + j * w;
        m->pointwise.binary[GAN__MUL](w, row, 1, a->shrink, 1, row);
    }
}

/* All keys of one b for the queries of a block. */
static void walk(const gan__machine *m, const gan__attention *s, const parts *a, const gan_real *k,
                 const gan_real *v, int64_t w) {
    for (int64_t i = 0; i < w; i++) a->top[i] = -(gan_real)HUGE_VAL, a->sum[i] = 0;
    for (int64_t from = 0; from < s->tk; from += GAN__KEYS) {
        int64_t n = gan__min(GAN__KEYS, s->tk - from);
        m->gemm(n, w, s->d, k + from * s->d, s->d, 1, a->queries, w, a->tile, w, 0);
        m->attention.fold(n, w, a->tile, a->top, a->sum, a->shrink);
        if (from) shrink(m, a, s->e, w);
        m->gemm(s->e, w, n, v + from * s->e, 1, s->e, a->tile, w, a->result, w, from > 0);
    }
}

static void job(const gan__machine *m, const gan__attention *s, const parts *a, int64_t b,
                int64_t from, gan_real *y, gan_real *top, gan_real *share) {
    int64_t n = gan__min(GAN__QUERIES, s->tq - from), w = gan__whole(n), row = b * s->tq + from;
    gan__attention_turn(n, s->d, w, s->scale, s->q + row * s->d, a->queries);
    walk(m, s, a, s->k + b * s->tk * s->d, s->v + b * s->tk * s->e, w);
    for (int64_t i = 0; i < w; i++) a->shrink[i] = 1 / a->sum[i];
    shrink(m, a, s->e, w);
    gan__turn(s->e, n, a->result, w, y + row * s->e, s->e);
    if (top) memcpy(top + row, a->top, sizeof *top * (size_t)n);
    if (share) memcpy(share + row, a->shrink, sizeof *share * (size_t)n);
}

void gan__attention_run(const gan__attention *s, gan_real *y, gan_real *top, gan_real *share,
                        void *workspace, int threads) {
    const gan__machine *m = gan__machine_here();
    int64_t blocks = gan__tiles(s->tq, GAN__QUERIES);
    size_t each = make_parts(s, NULL).bytes;
    GAN__PARALLEL_FOR(gan__team(threads, s->b * blocks))
    for (int64_t i = 0; i < s->b * blocks; i++) {
        parts a = make_parts(s, (char *)workspace + (size_t)gan__thread() * each);
        job(m, s, &a, i / blocks, i % blocks * GAN__QUERIES, y, top, share);
    }
}
