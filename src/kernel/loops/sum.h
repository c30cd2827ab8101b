/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/sum.h - the sums of kernel/shape.c, in an order that fills a vector unit and does
 * not depend on its width. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

#define SUMS 32 /* running sums: two vectors of the widest unit */

static gan_real sum_row(int64_t n, const gan_real *x) {
    gan_real part[SUMS] = {0}, sum = 0;
    int64_t i = 0, whole = n >= SUMS;
    for (; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < SUMS; k++) part[k] += x[i + k];
    for (; i < n; i++) sum += x[i];
    for (int k = 0; k < SUMS && whole; k++) sum += part[k];
    return sum;
}

static void sum_rows(int64_t rows, int64_t b, const gan_real *x, gan_real *restrict y) {
    memset(y, 0, (size_t)b * sizeof *y);
    for (; rows >= 4; rows -= 4, x += 4 * b)
        for (int64_t i = 0; i < b; i++) y[i] += (x[i] + x[b + i]) + (x[2 * b + i] + x[3 * b + i]);
    for (; rows > 0; rows--, x += b)
        for (int64_t i = 0; i < b; i++) y[i] += x[i];
}
#undef SUMS

#define SUM_LOOPS                                                                                  \
    { sum_row, sum_rows }
