/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/pointwise.h - one loop for each row of the lists of kernel/pointwise.h, and for the
 * gate; plain C, which the compiler turns into vectors. A result may be one of the operands, but
 * not overlap it otherwise. */
#include "kernel/machine.h"
#include "kernel/loops/math.h"

#define ROW(name, expression)                                                                      \
    static void unary_##name(int64_t n, const gan_real *x, gan_real *y, gan_real a, gan_real b) {  \
        (void)a, (void)b;                                                                          \
        INDEPENDENT for (int64_t i = 0; i < n; i++) {                                              \
            gan_real v = x[i];                                                                     \
            y[i] = expression;                                                                     \
        }                                                                                          \
    }
GAN__UNARY_LIST(ROW)
#undef ROW

/* Equal shapes, a row and a number, and the rest. */
#define LOOP(us, vs, expression)                                                                   \
    INDEPENDENT for (int64_t i = 0; i < n; i++) {                                                  \
        gan_real u = u0[i * (us)], v = v0[i * (vs)];                                               \
        y[i] = expression;                                                                         \
    }
#define ROW(name, expression)                                                                      \
    static void binary_##name(int64_t n, const gan_real *u0, int64_t us, const gan_real *v0,       \
                              int64_t vs, gan_real *y) {                                           \
        if (us == 1 && vs == 1) {                                                                  \
            LOOP(1, 1, expression)                                                                 \
        } else if (us == 1 && vs == 0) {                                                           \
            LOOP(1, 0, expression)                                                                 \
        } else {                                                                                   \
            LOOP(us, vs, expression)                                                               \
        }                                                                                          \
    }
GAN__BINARY_LIST(ROW)
#undef ROW
#undef LOOP

static void gate(int64_t n, const gan_real *x, const gan_real *v, gan_real lo, gan_real hi,
                 gan_real slope, gan_real *y) {
    INDEPENDENT for (int64_t i = 0; i < n; i++) {
        gan_real factor = ((v[i] > lo) & (v[i] < hi)) ? 1 : slope;
        y[i] = x[i] * factor;
    }
}

static void accumulate(int64_t n, const gan_real *x, gan_real *sum) {
    INDEPENDENT for (int64_t i = 0; i < n; i++) sum[i] += x[i];
}

#define UNARY(name, expression) unary_##name,
#define BINARY(name, expression) binary_##name,
#define POINTWISE_LOOPS                                                                            \
    { {GAN__UNARY_LIST(UNARY)}, {GAN__BINARY_LIST(BINARY)}, gate, accumulate }
