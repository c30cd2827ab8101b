/* SPDX-License-Identifier: MIT
 *
 * A row of the result is mixed from whole rows first, then its pixels from that row's, so that an
 * image takes as many products for its rows and columns together as for a dense pass over each. The
 * transposed matrices make a gather of the adjoint too: no two jobs write the same place. */
#include "kernel/stretch.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

/* The matrix of an axis and, for the adjoint, its transpose. */
typedef struct matrices {
    gan__taps plain, transposed;
} matrices;

typedef struct parts {
    matrices rows, columns;
    gan_real *row; /* of each thread, row_apart apart */
    int64_t row_apart;
} parts;

static gan__taps take_taps(gan__space *s, int64_t rows, int64_t taps) {
    gan__taps m = {.rows = rows};
    m.start = gan__space_offsets(s, rows + 1);
    m.at = gan__space_offsets(s, taps);
    m.weight = gan__space_reals(s, taps);
    return m;
}

static matrices take_matrices(gan__space *s, gan__stretch_kind kind, const gan__stretch_axis *a) {
    int64_t taps = kind == GAN__STRETCH_BILINEAR ? 2 * a->to : a->to;
    gan__taps plain = take_taps(s, a->to, taps);
    return (matrices){plain, take_taps(s, a->from, taps)};
}

static parts take(gan__space *space, const gan__stretch *s, int threads) {
    parts p = {.rows = take_matrices(space, s->kind, &s->rows)};
    p.columns = take_matrices(space, s->kind, &s->columns);
    p.row_apart = gan__apart(gan__max(s->columns.from, s->columns.to) * s->c);
    p.row = gan__space_reals(space, p.row_apart * threads);
    return p;
}

size_t gan__stretch_workspace(const gan__stretch *s, int threads) {
    gan__space space = {0};
    take(&space, s, threads);
    return space.bytes;
}

/* --- the matrices --- */

/* The centre of pixel i lies at x among the centres of the others; beyond the first and the last
 * they are repeated. Gives the number of taps. */
static int interpolate(const gan__stretch_axis *a, int64_t i, int64_t *at, gan_real *weight) {
    double x = fmax(0, ((double)i + 0.5) * (double)a->from / (double)a->to - 0.5);
    int64_t first = gan__min((int64_t)x, a->from - 1);
    double rest = x - (double)first;
    if (first + 1 == a->from) rest = 0;
    at[0] = first, weight[0] = (gan_real)(1 - rest);
    if (rest == 0) return 1;
    at[1] = first + 1, weight[1] = (gan_real)rest;
    return 2;
}

static int copy_pixel(gan__stretch_kind kind, const gan__stretch_axis *a, int64_t i, int64_t *at,
                      gan_real *weight) {
    int64_t x = i - a->before, last = a->from - 1;
    if (kind == GAN__STRETCH_ZERO && (x < 0 || x > last)) return 0;
    if (kind == GAN__STRETCH_REFLECT) x = x < 0 ? -x : x > last ? 2 * last - x : x;
    *at = x < 0 ? 0 : x > last ? last : x;
    *weight = 1;
    return 1;
}

static void fill(gan__stretch_kind kind, const gan__stretch_axis *a, gan__taps *m) {
    int64_t k = 0;
    for (int64_t i = 0; i < a->to; i++) {
        m->start[i] = k;
        k += kind == GAN__STRETCH_BILINEAR ? interpolate(a, i, m->at + k, m->weight + k)
                                           : copy_pixel(kind, a, i, m->at + k, m->weight + k);
    }
    m->start[a->to] = k;
}

/* Sorts by columns, each in the order of rows. start[j + 1] counts, then is where the next tap of
 * column j goes; so that in the end it is where column j ends. */
static void transpose(const gan__taps *m, gan__taps *t) {
    int64_t *next = t->start + 1, sum = 0;
    memset(t->start, 0, (size_t)(t->rows + 1) * sizeof *t->start);
    for (int64_t k = 0; k < m->start[m->rows]; k++) next[m->at[k]]++;
    for (int64_t j = 0, count; j < t->rows; j++, sum += count) count = next[j], next[j] = sum;
    for (int64_t i = 0; i < m->rows; i++)
        for (int64_t k = m->start[i]; k < m->start[i + 1]; k++) {
            int64_t to = next[m->at[k]]++;
            t->at[to] = i;
            t->weight[to] = m->weight[k];
        }
}

static const gan__taps *matrix(gan__stretch_kind kind, const gan__stretch_axis *a, int adjoint,
                               matrices *m) {
    fill(kind, a, &m->plain);
    if (!adjoint) return &m->plain;
    transpose(&m->plain, &m->transposed);
    return &m->transposed;
}

/* --- the product --- */

/* Row i of R x: a row of x itself where it is just that. */
static const gan_real *mixed_row(const gan__taps *m, int64_t i, int64_t length, const gan_real *x,
                                 gan_real *row) {
    int64_t first = m->start[i], taps = m->start[i + 1] - first;
    if (taps == 1 && m->weight[first] == 1) return x + m->at[first] * length;
    gan__machine_here()->stretch.rows(taps, m->at + first, m->weight + first, length, x, row);
    return row;
}

void gan__stretch_run(const gan__stretch *s, int adjoint, const gan_real *x, gan_real *y,
                      void *workspace, int threads) {
    gan__space space = {.base = workspace};
    parts p = take(&space, s, threads);
    const gan__taps *rows = matrix(s->kind, &s->rows, adjoint, &p.rows);
    const gan__taps *columns = matrix(s->kind, &s->columns, adjoint, &p.columns);
    int64_t height = adjoint ? s->rows.to : s->rows.from;
    int64_t in = s->c * (adjoint ? s->columns.to : s->columns.from), out = s->c * columns->rows;
    int64_t all = s->n * rows->rows, tile = gan__max(1, GAN__TILE / gan__max(1, out));
    int64_t tiles = gan__tiles(all, tile);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * tile; r < gan__min(all, (k + 1) * tile); r++) {
            const gan_real *image = x + r / rows->rows * height * in;
            const gan_real *row =
                mixed_row(rows, r % rows->rows, in, image, p.row + gan__thread() * p.row_apart);
            gan__machine_here()->stretch.columns(columns, s->c, row, y + r * out);
        }
}
