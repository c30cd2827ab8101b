/* SPDX-License-Identifier: MIT
 *
 * cli/bench_conv.h - a convolution's sizes, and the check of its three directions. */
#ifndef GAN_CLI_BENCH_CONV_H
#define GAN_CLI_BENCH_CONV_H

#include "gan.h"

/* x [n,h,h,c], w [k,side,side,c], y [n,oh,oh,k]. */
typedef struct bench_conv {
    const char *name;
    int64_t h, c, k, side;
    int stride, pad;
    int64_t n, oh; /* set when it runs */
} bench_conv;

typedef enum bench_direction { BENCH_Y, BENCH_X, BENCH_W } bench_direction;

/* The L2 norm of the errors of some 500 random elements of the result of a direction, relative to
 * that of the elements computed directly in double. */
double bench_conv_error(const bench_conv *g, bench_direction d, const gan_real *x,
                        const gan_real *w, const gan_real *y);

#endif
