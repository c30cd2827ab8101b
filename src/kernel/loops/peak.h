/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/peak.h - multiply-adds on registers alone: the sums of a tile of gemm, which are
 * enough to hide the latency of each, without its reads of memory. */
#include "kernel/loops/vector.h"

static void peak(int64_t rounds, gan_real by, gan_real plus, gan_real *sums) {
    vec sum[ROWS][VECS], b = by + (vec){0}, p = plus + (vec){0};
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++) sum[r][v] =
        load(sums + (r * VECS + v) * LANES);
    for (int64_t i = 0; i < rounds; i++)
        UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++) sum[r][v] =
            sum[r][v] * b + p;
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++)
        store(sums + (r * VECS + v) * LANES, sum[r][v]);
}

#define PEAK_SUMS ((int)(ROWS * VECS * LANES))
