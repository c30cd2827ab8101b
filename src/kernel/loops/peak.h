/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/peak.h - multiply-adds on registers alone: the sums of a tile of gemm, which are
 * enough to hide the latency of each, without its reads of memory. */
#include "kernel/loops/vector.h"

/* sum = sum * by + plus, which tends to plus / (1 - by): no denormals, no infinities. Each sum
 * begins elsewhere: equal ones could be computed as one. */
static gan_real peak(int64_t rounds, gan_real by, gan_real plus) {
    vec sum[ROWS][VECS], all = {0}, b = by + (vec){0}, p = plus + (vec){0};
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++) sum[r][v] =
        p * (gan_real)(r * VECS + v);
    for (int64_t i = 0; i < rounds; i++)
        UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++) sum[r][v] =
            sum[r][v] * b + p;
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECS; v++) all += sum[r][v];
    return all[0];
}

/* Operations in a round of peak. */
#define PEAK_ROUND ((int)(2 * ROWS * VECS * LANES))
