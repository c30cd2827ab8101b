/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/attention.h - what kernel/attention.c does with a tile of scores x[n][w] between the
 * products: a row for each key, a column for each query; w is a multiple of GAN__LINE. */
#include "kernel/machine.h"
#include "kernel/loops/math.h"
#include "kernel/loops/vector.h"

/* v > top ? v : top */
INLINE vec higher(vec v, vec top) {
    mask above = v > top;
    return (vec)(((mask)v & above) | ((mask)top & ~above));
}

/* shrink = e^(top - the new top) */
INLINE void raise_top(int64_t n, int64_t w, const gan_real *x, gan_real *top, gan_real *shrink) {
    for (int64_t i = 0; i < w; i += LANES) {
        vec was = load(top + i), now = was;
        for (int64_t k = 0; k < n; k++) now = higher(load(x + k * w + i), now);
        store(shrink + i, was - now);
        store(top + i, now);
    }
    INDEPENDENT for (int64_t i = 0; i < w; i++) shrink[i] = gan__exp_below(shrink[i]);
}

static void attention_weigh(int64_t n, int64_t w, const gan_real *top, const gan_real *share,
                            gan_real *x) {
    for (int64_t k = 0; k < n; k++, x += w)
        INDEPENDENT for (int64_t i = 0; i < w; i++) x[i] = gan__exp_below(x[i] - top[i]) * share[i];
}

static void attention_fold(int64_t n, int64_t w, gan_real *x, gan_real *top, gan_real *sum,
                           gan_real *shrink) {
    raise_top(n, w, x, top, shrink);
    gan_real *row = x;
    for (int64_t k = 0; k < n; k++, row += w)
        INDEPENDENT for (int64_t i = 0; i < w; i++) row[i] = gan__exp_below(row[i] - top[i]);
    for (int64_t i = 0; i < w; i += LANES) {
        vec part = {0};
        for (int64_t k = 0; k < n; k++) part += load(x + k * w + i);
        store(sum + i, load(sum + i) * load(shrink + i) + part);
    }
}

static void attention_back(int64_t n, int64_t w, const gan_real *p, const gan_real *mean,
                           gan_real scale, gan_real *g) {
    for (int64_t k = 0; k < n; k++, p += w, g += w)
        INDEPENDENT for (int64_t i = 0; i < w; i++) g[i] = scale * p[i] * (g[i] - mean[i]);
}

#define ATTENTION_LOOPS                                                                            \
    { attention_fold, attention_weigh, attention_back }
