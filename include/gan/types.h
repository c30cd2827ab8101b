/* SPDX-License-Identifier: MIT
 *
 * gan/types.h - the element type.
 *
 * Tensors hold gan_real: float in libgan, double in the twin build (GAN_DOUBLE) that the tests use
 * to check gradients by central differences. Scalars in the API are double, so that the same
 * headers serve both. */
#ifndef GAN_TYPES_H
#define GAN_TYPES_H

#ifdef GAN_DOUBLE
typedef double gan_real;
#else
typedef float gan_real;
#endif

/* The highest rank of a tensor. */
#define GAN_MAX_RANK 8

#endif
