/* SPDX-License-Identifier: MIT
 *
 * kernel/bilinear.h - fast convolutions as three small matrices (Winograd, Toom-Cook).
 *
 * In one dimension a convolution of m outputs with r taps, of the n = m + r - 1 inputs they see, is
 * the trilinear form T(x,w,y) = sum over i,j of x[i+j] w[j] y[i]. With n points it takes n products:
 *
 *     T(x,w,y) = sum over points p of (X x)[p] (W w)[p] (Y y)[p]
 *
 * Y and W evaluate polynomials with coefficients y and w at p (W divided by D(p)), X is the
 * transpose of the interpolation: for distinct points its row p has the coefficients of the product
 * of (z - q) over the other points q, and D(p) is that product at z = p. The point infinity takes the
 * highest coefficient. As with every trilinear form, each role is computed from the two others:
 *
 *     y = Y^T (Xx * Ww),   x = X^T (Yy * Ww),   w = W^T (Xx * Yy)
 *
 * so one table gives the convolution, the transposed convolution and the weight gradient. Two
 * dimensions are the tensor product. A kernel with stride s is s*s kernels of taps r = side/s on the
 * s*s phases of the image.
 *
 * Points come in pairs +p, -p: even and odd coefficients are added up once for both. Only the row
 * of +p is stored; the one of -p has the odd coefficients negated. (For an even number of finite
 * points this negates X and W of -p: the product is the same.) */
#ifndef GAN_KERNEL_BILINEAR_H
#define GAN_KERNEL_BILINEAR_H

#include <stdint.h>

/* X(name, kernel side, stride, m outputs, r taps, n points, pairs)
 *
 * The points are those of the smallest rounding error on normal data, found by search. In float,
 * relative to double, on the layers of DCGAN-64: 6e-7 to 8e-7, against 2e-7 of direct products; on
 * 3x3 layers 6e-7 to 1.1e-6. The usual +-1, +-2, infinity would give four times as much. */
#define GAN__BILINEAR_LIST(X)                                                                      \
    X(k4s2, 4, 2, 4, 2, 5, 2)                                                                      \
    X(k3s1, 3, 1, 4, 3, 6, 2)

enum {
#define GAN__BILINEAR_COUNT(name, ...) GAN__BILINEAR_##name,
    GAN__BILINEAR_LIST(GAN__BILINEAR_COUNT)
#undef GAN__BILINEAR_COUNT
        GAN__BILINEARS
};

typedef struct gan__bilinear {
    int side, stride;
    int size[3]; /* coefficients of x (a patch), w (taps of a phase), y (a tile) along an axis */
    int points;  /* along an axis: products for each of its squares */
} gan__bilinear;

extern const gan__bilinear gan__bilinears[GAN__BILINEARS];

#endif
