/* SPDX-License-Identifier: MIT */
#include "kernel/shape.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"

void gan__strides(int rank, const int64_t *dim, int64_t *stride) {
    int64_t s = 1;
    for (int i = rank - 1; i >= 0; i--) {
        stride[i] = s;
        s *= dim[i];
    }
}

/* Can axis `outer`, the last one kept so far, be joined with the axis i inside it? */
static int joins(const gan__walk *w, int outer, int i, const int64_t *dim,
                 const int64_t *const *stride) {
    for (int k = 0; k < w->operands; k++)
        if (w->stride[k][outer] != stride[k][i] * dim[i]) return 0;
    return 1;
}

gan__walk gan__walk_make(int rank, const int64_t *dim, int operands, const int64_t *const *stride) {
    gan__walk w = {.operands = operands, .rows = 1, .inner = 1, .step = {1, 1}};
    int n = 0;
    for (int i = 0; i < rank; i++) {
        if (dim[i] == 1) continue;
        if (n && joins(&w, n - 1, i, dim, stride))
            n--;
        else
            w.dim[n] = 1;
        w.dim[n] *= dim[i];
        for (int k = 0; k < operands; k++) w.stride[k][n] = stride[k][i];
        n++;
    }
    if (!n) return w;
    w.rank = n - 1;
    w.inner = w.dim[n - 1];
    for (int k = 0; k < operands; k++) w.step[k] = w.stride[k][n - 1];
    for (int i = 0; i < w.rank; i++) w.rows *= w.dim[i];
    if (!w.inner) w.rows = 0, w.inner = 1;
    return w;
}

void gan__walk_row(const gan__walk *w, int64_t row, int64_t *at) {
    for (int k = 0; k < w->operands; k++) at[k] = 0;
    for (int i = w->rank - 1; i >= 0; i--) {
        int64_t index = row % w->dim[i];
        row /= w->dim[i];
        for (int k = 0; k < w->operands; k++) at[k] += index * w->stride[k][i];
    }
}

static void copy_row(int64_t n, const gan_real *x, int64_t xs, gan_real *y, int64_t ys) {
    if (xs == 1 && ys == 1)
        memcpy(y, x, (size_t)n * sizeof *y);
    else
        for (int64_t i = 0; i < n; i++) y[i * ys] = x[i * xs];
}

/* Rows that lie evenly, next[k] apart in operand k. Short ones have a length that the compiler
 * knows. */
#define SHORT(n)                                                                                   \
    case n:                                                                                        \
        for (int64_t r = 0; r < rows; r++)                                                         \
            memcpy(y + r * next[1], x + r * next[0], (n) * sizeof *y);                             \
        return;
static void copy_rows(const gan__walk *w, int64_t rows, const gan_real *x, gan_real *y) {
    int64_t next[2] = {0};
    for (int k = 0; w->rank && k < 2; k++) next[k] = w->stride[k][w->rank - 1];
    if (w->step[0] == 1 && w->step[1] == 1) switch (w->inner) {
            SHORT(2)
            SHORT(4)
            SHORT(8)
            SHORT(16)
        }
    for (int64_t r = 0; r < rows; r++)
        copy_row(w->inner, x + r * next[0], w->step[0], y + r * next[1], w->step[1]);
}
#undef SHORT

/* The rows [from, to), as many at a time as lie evenly. */
static void copy_range(const gan__walk *w, int64_t from, int64_t to, const gan_real *x,
                       gan_real *y) {
    int64_t even = w->rank ? w->dim[w->rank - 1] : 1;
    while (from < to) {
        int64_t at[2], rows = gan__min(even - from % even, to - from);
        gan__walk_row(w, from, at);
        copy_rows(w, rows, x + at[0], y + at[1]);
        from += rows;
    }
}

void gan__copy_run(int rank, const int64_t *dim, const gan_real *x, const int64_t *xstride,
                   gan_real *y, const int64_t *ystride, int threads) {
    const int64_t *const strides[2] = {xstride, ystride};
    gan__walk w = gan__walk_make(rank, dim, 2, strides);
    int64_t rows = gan__max(1, GAN__TILE / w.inner), tiles = gan__tiles(w.rows, rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        copy_range(&w, k * rows, gan__min(w.rows, (k + 1) * rows), x, y);
}

/* --- rows by number --- */

void gan__take_rows(int64_t n, int64_t d, const int *row, const gan_real *x, gan_real *y,
                    int threads) {
    int64_t rows = gan__max(1, GAN__TILE / gan__max(1, d)), tiles = gan__tiles(n, rows);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t i = k * rows; i < gan__min(n, (k + 1) * rows); i++)
            memcpy(y + i * d, x + row[i] * d, (size_t)d * sizeof *y);
}

/* Columns are cut, not rows: so no two jobs write the same place, and each sum has its order. */
void gan__add_rows(int64_t n, int64_t k, int64_t d, const int *row, const gan_real *y, gan_real *x,
                   int threads) {
    const gan__pointwise_loops *loops = &gan__machine_here()->pointwise;
    int64_t columns = gan__max(64, GAN__TILE / gan__max(1, n + k)), tiles = gan__tiles(d, columns);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t tile = 0; tile < tiles; tile++) {
        int64_t from = tile * columns, width = gan__min(columns, d - from);
        for (int64_t i = 0; i < k; i++) memset(x + i * d + from, 0, (size_t)width * sizeof *x);
        for (int64_t i = 0; i < n; i++)
            loops->accumulate(width, y + i * d + from, x + row[i] * d + from);
    }
}

/* --- sums --- */

/* Rows r in a block: about a tile of elements. */
static int64_t block_rows(int64_t b) {
    return gan__max(16, GAN__TILE / gan__max(b, 1));
}

size_t gan__sum_workspace(int64_t a, int64_t r, int64_t b) {
    int64_t blocks = gan__max(1, gan__tiles(r, block_rows(b)));
    return (size_t)(a * blocks * b) * sizeof(gan_real);
}

/* y[i] = sum over the blocks of part[block][i] */
static void join(int64_t blocks, int64_t b, const gan_real *part, gan_real *y) {
    for (int64_t i = 0; i < b; i++) {
        double sum = 0;
        for (int64_t k = 0; k < blocks; k++) sum += (double)part[k * b + i];
        y[i] = (gan_real)sum;
    }
}

void gan__sum_run(int64_t a, int64_t r, int64_t b, const gan_real *x, gan_real *y, void *workspace,
                  int threads) {
    int64_t rows = block_rows(b), blocks = gan__max(1, gan__tiles(r, rows));
    const gan__sum_loops *loops = &gan__machine_here()->sum;
    gan_real *part = workspace;
    GAN__PARALLEL_FOR(gan__team(threads, a * r * b < GAN__TILE ? 1 : a * blocks))
    for (int64_t k = 0; k < a * blocks; k++) {
        int64_t from = k % blocks * rows, n = gan__min(rows, r - from);
        const gan_real *block = x + (k / blocks * r + from) * b;
        if (b == 1)
            part[k] = loops->row(n, block);
        else
            loops->rows(n, b, block, part + k * b);
    }
    GAN__PARALLEL_FOR(gan__team(threads, a * blocks * b < GAN__TILE ? 1 : a))
    for (int64_t i = 0; i < a; i++) join(blocks, b, part + i * blocks * b, y + i * b);
}
