/* SPDX-License-Identifier: MIT
 *
 * kernel/pointwise.h - functions of single elements. No result depends on the number of threads. */
#ifndef GAN_KERNEL_POINTWISE_H
#define GAN_KERNEL_POINTWISE_H

#include <stdint.h>

#include "gan/types.h"

/* R(sqrt) is sqrtf or sqrt. */
#ifdef GAN_DOUBLE
#    define GAN__R(name) name
#else
#    define GAN__R(name) name##f
#endif

/* The normal density at 0: 1 / sqrt(2 pi). */
#define GAN__DENSITY ((gan_real)0.39894228040143267794)

/* X(name, y as a function of v and the constants a, b): for kernel/loops/pointwise.h */
#define GAN__UNARY_LIST(X)                                                                         \
    X(AFFINE, a *v + b)                                                                            \
    X(EXP, gan__exp(v))                                                                            \
    X(LOG, GAN__R(log)(v))                                                                         \
    X(SQRT, GAN__R(sqrt)(v))                                                                       \
    X(RSQRT, v > 0 ? 1 / GAN__R(sqrt)(v) : 0)                                                      \
    X(ABS, GAN__R(fabs)(v))                                                                        \
    X(SIGN, (gan_real)((v > 0) - (v < 0)))                                                         \
    X(SQUARE, v *v)                                                                                \
    X(TANH, gan__tanh(v))                                                                          \
    X(SIGMOID, 1 / (1 + gan__exp(-v)))                                                             \
    X(SOFTPLUS, (v > 0 ? v : 0) + GAN__R(log1p)(gan__exp(-GAN__R(fabs)(v))))                       \
    X(GELU, v *gan__normal(v))                                                                     \
    X(GELU_SLOPE, gan__normal(v) + v * gan__exp(v * v / -2) * GAN__DENSITY)                        \
    X(LEAKY, v > 0 ? v : a * v)                                                                    \
    X(CLAMP, v<a ? a : v> b ? b : v)

/* X(name, value as a function of u and v) */
#define GAN__BINARY_LIST(X)                                                                        \
    X(ADD, u + v)                                                                                  \
    X(SUB, u - v)                                                                                  \
    X(MUL, u *v)                                                                                   \
    X(DIV, u / v)

typedef enum gan__unary {
#define GAN__ROW(name, expression) GAN__##name,
    GAN__UNARY_LIST(GAN__ROW) GAN__UNARIES
} gan__unary;

typedef enum gan__binary {
    GAN__BINARY_LIST(GAN__ROW) GAN__BINARIES
#undef GAN__ROW
} gan__binary;

/* y[i] = f(x[i]); y may be x. */
void gan__unary_run(gan__unary f, int64_t n, const gan_real *x, gan_real *y, double a, double b,
                    int threads);

/* y[...] = f(u[...], v[...]) over a shape; an operand's stride of 0 repeats it along that axis. */
void gan__binary_run(gan__binary f, int rank, const int64_t *dim, const gan_real *u,
                     const int64_t *ustride, const gan_real *v, const int64_t *vstride, gan_real *y,
                     int threads);

/* y[i] = x[i] where lo < v[i] < hi, else slope * x[i]. */
void gan__gate_run(int64_t n, const gan_real *x, const gan_real *v, double lo, double hi,
                   double slope, gan_real *y, int threads);

/* sum[i] += x[i] */
void gan__accumulate(int64_t n, const gan_real *x, gan_real *sum, int threads);

#endif
