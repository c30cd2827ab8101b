/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/maxout.h - one row of kernel/maxout.h, [pieces][units], some units at a time: which
 * piece wins cannot be foretold, so it is chosen by masks. */
#include "kernel/machine.h"
#include "kernel/loops/math.h"

enum { MAXOUT_UNITS = 256 };

/* The largest of each unit, and which piece it is. A NaN is kept once it is met, so that it is seen
 * in the result. */
static void maxout_places(int64_t pieces, int64_t units, int64_t n, const gan_real *by,
                          gan_real *restrict best, gan_real *restrict which) {
    for (int64_t j = 0; j < n; j++) best[j] = by[j], which[j] = 0;
    for (int64_t p = 1; p < pieces; p++)
        for (int64_t j = 0; j < n; j++) {
            gan_real v = by[p * units + j];
            int wins = (v > best[j]) | (v != v);
            best[j] = wins ? v : best[j];
            which[j] = wins ? (gan_real)p : which[j];
        }
}

static void maxout_select(int64_t pieces, int64_t units, const gan_real *x, const gan_real *by,
                          gan_real *restrict y) {
    gan_real best[MAXOUT_UNITS], which[MAXOUT_UNITS];
    for (int64_t from = 0; from < units; from += MAXOUT_UNITS) {
        int64_t n = units - from < MAXOUT_UNITS ? units - from : MAXOUT_UNITS;
        maxout_places(pieces, units, n, by + from, best, which);
        for (int64_t j = 0; j < n; j++) y[from + j] = x == by ? best[j] : x[from + j];
        for (int64_t p = 1; p < pieces && x != by; p++)
            for (int64_t j = 0; j < n; j++)
                y[from + j] = which[j] == (gan_real)p ? x[p * units + from + j] : y[from + j];
    }
}

static void maxout_spread(int64_t pieces, int64_t units, const gan_real *y, const gan_real *by,
                          gan_real *restrict x) {
    gan_real best[MAXOUT_UNITS], which[MAXOUT_UNITS];
    for (int64_t from = 0; from < units; from += MAXOUT_UNITS) {
        int64_t n = units - from < MAXOUT_UNITS ? units - from : MAXOUT_UNITS;
        maxout_places(pieces, units, n, by + from, best, which);
        for (int64_t p = 0; p < pieces; p++)
            for (int64_t j = 0; j < n; j++)
                x[p * units + from + j] = which[j] == (gan_real)p ? y[from + j] : 0;
    }
}

#define MAXOUT_LOOPS                                                                               \
    { maxout_select, maxout_spread }
