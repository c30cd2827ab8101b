/* SPDX-License-Identifier: MIT
 *
 * kernel/shape.h - walks over strided arrays, and the copies and sums made of them. */
#ifndef GAN_KERNEL_SHAPE_H
#define GAN_KERNEL_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

/* A row-major walk over a shape by one or two operands, as `rows` rows of `inner` elements: axes
 * along which every operand moves on evenly are joined into one. */
#define GAN__WALK_OPERANDS 2
typedef struct gan__walk {
    int rank, operands;
    int64_t rows, inner;
    int64_t step[GAN__WALK_OPERANDS]; /* along a row */
    int64_t dim[GAN_MAX_RANK];        /* of the axes outside the row */
    int64_t stride[GAN__WALK_OPERANDS][GAN_MAX_RANK];
} gan__walk;

gan__walk gan__walk_make(int rank, const int64_t *dim, int operands, const int64_t *const *stride);

/* at[k] = offset of the first element of a row in operand k. */
void gan__walk_row(const gan__walk *w, int64_t row, int64_t *at);

/* Row-major strides of a shape. */
void gan__strides(int rank, const int64_t *dim, int64_t *stride);

/* y[...] = x[...] over a shape, each with strides of its own. */
void gan__copy_run(int rank, const int64_t *dim, const gan_real *x, const int64_t *xstride,
                   gan_real *y, const int64_t *ystride, int threads);

/* y[a][b] = sum over r of x[a][r][b]. The rows r are summed in blocks of fixed size, the blocks in
 * order and in double. */
size_t gan__sum_workspace(int64_t a, int64_t r, int64_t b);
void gan__sum_run(int64_t a, int64_t r, int64_t b, const gan_real *x, gan_real *y, void *workspace,
                  int threads);

/* y[i] = row row[i] of x, rows of d elements; and the adjoint: x [k][d] is the sum of y[i] over the i
 * with each row[i], in the order of i. */
void gan__take_rows(int64_t n, int64_t d, const int *row, const gan_real *x, gan_real *y,
                    int threads);
void gan__add_rows(int64_t n, int64_t k, int64_t d, const int *row, const gan_real *y, gan_real *x,
                   int threads);

static inline int64_t gan__max(int64_t a, int64_t b) {
    return a > b ? a : b;
}

#endif
