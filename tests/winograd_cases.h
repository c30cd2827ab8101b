/* SPDX-License-Identifier: MIT
 *
 * winograd_cases.h - random geometries of the kernels that have a bilinear form, computed by it and
 * by the definition, for both precisions. */
#ifndef WINOGRAD_CASES_H
#define WINOGRAD_CASES_H

#include <math.h>

#include "conv_naive.h"

/* Any size of image and padding, partial tiles, rows and columns that no window reaches, channels
 * that are not whole vectors, several blocks and panels. */
static inline gan__conv winograd_random(gan_rng *r) {
    static const int channels[] = {1, 3, 8, 15, 16, 17, 24, 33, 65, 80};
    int side = gan_rng_below(r, 2) ? 4 : 3;
    gan__conv g = {.n = conv_draw(r, 1, 5), .method = GAN__CONV_WINOGRAD};
    g.c = channels[gan_rng_below(r, COUNT(channels))];
    g.k = channels[gan_rng_below(r, COUNT(channels))];
    g.kh = g.kw = side;
    g.sh = g.sw = side == 4 ? 2 : 1;
    g.ph = conv_draw(r, 0, 3), g.pw = conv_draw(r, 0, 3);
    g.h = side + conv_draw(r, 0, 14), g.w = side + conv_draw(r, 0, 14);
    return g;
}

/* |a - b| / |b| */
static inline double relative_error(int64_t n, const gan_real *a, const gan_real *b) {
    double difference = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = (double)a[i] - (double)b[i];
        difference += d * d;
        size += (double)b[i] * (double)b[i];
    }
    return sqrt(difference / (size > 0 ? size : 1));
}

/* The largest error of the three roles on normal data; `threads` of them. */
static inline double winograd_error(gan_rng *r, gan__conv g, int threads) {
    conv_case q = conv_open(g);
    double worst = 0;
    assert_int_equal(gan__conv_choice(&q.g, GAN__CONV_Y), GAN__CONV_WINOGRAD);
    for (int i = 0; i < 3; i++) gan_rng_fill_normal(r, q.role[i], (size_t)q.size[i], 0, 1);
    for (int i = 0; i < 3; i++) {
        gan_real *fast = malloc((size_t)q.size[i] * sizeof *fast);
        gan_real *slow = malloc((size_t)q.size[i] * sizeof *slow);
        assert_non_null(fast);
        assert_non_null(slow);
        memset(fast, 0xff, (size_t)q.size[i] * sizeof *fast);
        conv_kernel(&q, (gan__conv_role)i, fast, threads);
        conv_naive(&q, (gan__conv_role)i, slow);
        double error = relative_error(q.size[i], fast, slow);
        worst = error <= worst ? worst : error == error ? error : HUGE_VAL; /* NaN is the worst */
        if (!(worst < 1)) conv_describe(&q.g, i == 0 ? "x" : i == 1 ? "w" : "y");
        free(fast);
        free(slow);
    }
    conv_close(&q);
    return worst;
}

#endif
