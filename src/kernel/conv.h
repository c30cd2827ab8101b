/* SPDX-License-Identifier: MIT
 *
 * kernel/conv.h - the three members of the convolution family.
 *
 * With stride and padding fixed, convolution is one trilinear form
 *
 *     T(x,w,y) = sum over n,i,j,k,a,b,c of x[n, i*sh+a-ph, j*sw+b-pw, c] w[k,a,b,c] y[n,i,j,k]
 *
 * (x is zero outside the image), and the three kernels are its derivatives: dT/dy is the
 * convolution of x with w; dT/dx its input gradient, which is also the transposed convolution of y;
 * dT/dw its weight gradient. x [n,h,w,c], w [k,kh,kw,c], y [n,oh,ow,k], all dense. Each kernel
 * overwrites its result. */
#ifndef GAN_KERNEL_CONV_H
#define GAN_KERNEL_CONV_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

/* How a convolution is computed. AUTO: by its shape alone, never by threads or timing. The others do
 * not ask whether another way would be faster; where a way is not possible, it is IMPLICIT. */
typedef enum gan__conv_method {
    GAN__CONV_AUTO,
    GAN__CONV_IMPLICIT, /* kernel/implicit.h: any geometry */
    GAN__CONV_WINOGRAD, /* kernel/winograd.h: 2 to 4 times fewer products */
    GAN__CONV_PRODUCT,  /* one window, the whole image: a matrix product */
    GAN__CONV_NARROW,   /* kernel/narrow.h: few channels c or k */
    GAN__CONV_GATHER,   /* kernel/narrow.h: x with few channels k */
    GAN__CONV_TURNED,   /* IMPLICIT with x and y in each other's place */
    GAN__CONV_TURNED_NARROW,
    GAN__CONV_METHODS
} gan__conv_method;

typedef struct gan__conv {
    int64_t n, h, w, c; /* x */
    int64_t k, kh, kw;  /* w, with c */
    int64_t oh, ow;     /* y, with n and k */
    int64_t sh, sw;     /* stride */
    int64_t ph, pw; /* zero padding at the top and left; at the bottom and right what oh, ow need */
    gan__conv_method method;
} gan__conv;

/* What a kernel does to y before it leaves the cache: y = leaky(y + bias), bias [k] or NULL, and
 * leaky(v) = v > 0 ? v : slope * v. */
typedef struct gan__ending {
    const gan_real *bias;
    double slope; /* 1: nothing */
} gan__ending;

/* Which of x, w and y a kernel computes from the other two. */
typedef enum gan__conv_role { GAN__CONV_X, GAN__CONV_W, GAN__CONV_Y } gan__conv_role;

/* The method that will run. */
gan__conv_method gan__conv_choice(const gan__conv *g, gan__conv_role result);

size_t gan__conv_workspace(const gan__conv *g, gan__conv_role result, int threads);
/* `end` is for the result y; NULL: nothing. */
void gan__conv_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w, gan_real *y,
                   const gan__ending *end, void *workspace, int threads);

#endif
