/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/optim.h - the rules of kernel/optim.h over the elements of one parameter. */
#include <math.h>

#include "kernel/machine.h"
#include "kernel/loops/vector.h"

#define ROW(name, statements)                                                                      \
    static void update_##name(const gan__rates *rates, int64_t n, const gan_real *restrict x,      \
                              gan_real *restrict m, gan_real *restrict v, gan_real *restrict w) {  \
        const gan__rates k = *rates;                                                               \
        (void)m, (void)v;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            gan_real g = x[i] * k.scale;                                                           \
            statements                                                                             \
        }                                                                                          \
    }
GAN__RULE_LIST(ROW)
#undef ROW

static double squares(int64_t n, const gan_real *x) {
    enum { SUMS = 32 };
    double part[SUMS] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < SUMS; k++) part[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum += (double)x[i] * (double)x[i];
    for (int k = 0; k < SUMS; k++) sum += part[k];
    return sum;
}

static void blend(int64_t n, const gan_real *x, gan_real rate, gan_real *restrict average) {
    for (int64_t i = 0; i < n; i++) average[i] += rate * (x[i] - average[i]);
}

#define RULE(name, statements) update_##name,
#define OPTIM_LOOPS                                                                                \
    { {GAN__RULE_LIST(RULE)}, squares, blend }
