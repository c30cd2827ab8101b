/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/math.h - exp, tanh and the normal distribution function of floats in arithmetic
 * alone, so that loops over them become vectors: at most 2 units in the last place off, with the
 * special values of the C library but for gan__exp_below. The double twin, which measures
 * derivatives, keeps the C library's.
 *
 * The polynomials of exp and tanh are those of the Cephes library (S. Moshier, expf.c and tanhf.c).
 */
#ifndef GAN_KERNEL_LOOPS_MATH_H
#define GAN_KERNEL_LOOPS_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernel/loops/vector.h"

#ifdef GAN_DOUBLE
#    define gan__exp exp
#    define gan__exp_below exp
#    define gan__tanh tanh

INLINE double gan__normal(double x) {
    return erfc(x * -0.70710678118654752440) / 2;
}
#else

/* Added to a float below 2^22 it leaves the nearest whole number in the last bits of the sum. */
#    define ROUNDER 0x1.8p23f

INLINE uint32_t bits_of(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

/* 2^k; k from -126 to 127 */
INLINE float power_of_two(uint32_t k) {
    uint32_t u = (k + 127) << 23;
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* e^r of r = x - k log(2), which is at most log(2) / 2 from 0; k is the whole number of *whole. */
INLINE float reduced_exp(float x, uint32_t *whole) {
    float shifted = x * 1.44269504f + ROUNDER, k = shifted - ROUNDER;
    *whole = bits_of(shifted) - bits_of(ROUNDER);
    float r = x - k * 0.693359375f + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * (r * r) + r + 1;
}

/* e^x = 2^k e^r. The factor 2^k comes in halves: so the result leaves the range of floats where e^x
 * does, upwards to infinity and downwards through the denormals. A NaN makes k some number or other,
 * and r, which decides, a NaN. */
INLINE float gan__exp(float x) {
    x = x < -105 ? -105 : x;
    x = x > 90 ? 90 : x;
    uint32_t whole;
    float p = reduced_exp(x, &whole);
    uint32_t half = (uint32_t)((int32_t)whole >> 1);
    return p * power_of_two(half) * power_of_two(whole - half);
}

/* The same of x <= 0 in fewer steps: one factor 2^k will do. What is below -64 gives e^-64, 1.6e-28:
 * no sum beside 1 sees it, and its products stay normal numbers. */
INLINE float gan__exp_below(float x) {
    x = x < -64 ? -64 : x;
    uint32_t whole;
    float p = reduced_exp(x, &whole);
    return p * power_of_two(whole);
}

/* An odd polynomial about 0; further out 1 - 2 / (e^2x + 1). */
INLINE float gan__tanh(float x) {
    float a = fabsf(x), z = a * a;
    float far = 1 - 2 / (gan__exp(2 * a) + 1);
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    return copysignf(a >= 0.625f ? far : p * z * a + a, x);
}

/* P(X < x) = 1/2 + x T(x^2) about 0; from 1 on e^(-x^2/2) s Q(s) is what is missing to 1, with s =
 * 1 / (|x| + 2.1). Both polynomials are least in the largest relative error: 7e-10 and 1.6e-8.
 * Below 0 the rounding of x^2 tells: 2.5 (1 + x^2/2) units. */
INLINE float gan__normal(float x) {
    float a = fabsf(x), z = x * x, s = 1 / (a + 2.1f), u = s - 0.25f;
    float t = -7.65420282e-6f;
    t = t * z + 1.13486363e-4f;
    t = t * z - 1.18632999e-3f;
    t = t * z + 9.97332297e-3f;
    t = t * z - 6.64903596e-2f;
    t = t * z + 3.98942292e-1f;
    float q = -3.94565353e1f;
    q = q * u - 7.55467463f;
    q = q * u + 8.57794952f;
    q = q * u - 9.82858062e-1f;
    q = q * u - 2.61499739f;
    q = q * u + 7.73571968e-1f;
    q = q * u + 1.50791502f;
    q = q * u + 6.98383451e-1f;
    float rest = gan__exp(z * -0.5f) * (q * s), far = x > 0 ? 1 - rest : rest;
    return a < 1 ? t * x + 0.5f : far;
}
#    undef ROUNDER
#endif

#endif
