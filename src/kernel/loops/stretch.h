/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/stretch.h - the two halves of kernel/stretch.h: one row of the result as a sum of
 * rows, then its pixels as sums of pixels of that row. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

/* y = sum of weight[k] * row at[k] of x, rows of `length` elements. */
static void stretch_rows(int64_t taps, const int64_t *at, const gan_real *weight, int64_t length,
                         const gan_real *x, gan_real *restrict y) {
    if (!taps) memset(y, 0, (size_t)length * sizeof *y);
    for (int64_t k = 0; k < taps; k++) {
        const gan_real *row = x + at[k] * length, w = weight[k];
        if (k)
            for (int64_t i = 0; i < length; i++) y[i] += w * row[i];
        else
            for (int64_t i = 0; i < length; i++) y[i] = w * row[i];
    }
}

INLINE void stretch_pixels(const gan__taps *m, int64_t c, const gan_real *x, gan_real *restrict y) {
    for (int64_t j = 0; j < m->rows; j++, y += c) {
        int64_t first = m->start[j], end = m->start[j + 1];
        if (first == end)
            for (int64_t i = 0; i < c; i++) y[i] = 0;
        for (int64_t k = first; k < end; k++) {
            const gan_real *pixel = x + m->at[k] * c, w = m->weight[k];
            if (k > first)
                for (int64_t i = 0; i < c; i++) y[i] += w * pixel[i];
            else
                for (int64_t i = 0; i < c; i++) y[i] = w * pixel[i];
        }
    }
}

/* Pixels of 1 or 3 channels are too short for a loop whose length is not known. */
static void stretch_columns(const gan__taps *m, int64_t c, const gan_real *x, gan_real *y) {
    if (c == 1)
        stretch_pixels(m, 1, x, y);
    else if (c == 3)
        stretch_pixels(m, 3, x, y);
    else
        stretch_pixels(m, c, x, y);
}

#define STRETCH_LOOPS                                                                              \
    { stretch_rows, stretch_columns }
