/* SPDX-License-Identifier: MIT
 *
 * gan/shape.h - operations that move or choose elements, and sums over axes.
 *
 * Each returns a tensor of tape `t`, and NULL with GAN_ESHAPE on the tape when the shapes do not
 * fit. All are differentiable any number of times. Axes count from 0; a negative one counts from
 * the end. */
#ifndef GAN_SHAPE_H
#define GAN_SHAPE_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Another shape of the same size; shares the buffer. One dimension may be -1: what is left. */
GAN_API gan_tensor *gan_reshape(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim);

/* Axis i of the result is axis order[i] of x. */
GAN_API gan_tensor *gan_permute(gan_tape *t, gan_tensor *x, const int *order);

/* The elements [from, from+count) along an axis; and its adjoint, zeros before and after along an
 * axis. */
GAN_API gan_tensor *gan_slice(gan_tape *t, gan_tensor *x, int axis, int64_t from, int64_t count);
GAN_API gan_tensor *gan_pad(gan_tape *t, gan_tensor *x, int axis, int64_t before, int64_t after);

/* x[0], x[1], ... one after the other along an axis; 1 <= n <= 8. */
GAN_API gan_tensor *gan_concat(gan_tape *t, int n, gan_tensor *const *x, int axis);

/* Repeats axes of size 1 (or missing leading ones) up to a shape; and its adjoint, the sum down to
 * a shape. */
GAN_API gan_tensor *gan_broadcast(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim);
GAN_API gan_tensor *gan_sum_to(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim);

/* Maxout (arXiv:1302.4389): the last axis, seen as [pieces,k], keeps the largest of the pieces of
 * each of k units: [...,pieces*k] -> [...,k]. The gradient flows to that one, of equal ones the
 * first. A NaN counts as largest. */
GAN_API gan_tensor *gan_maxout(gan_tape *t, gan_tensor *x, int64_t pieces);

/* Rows of a table by their numbers, which are copied: table [K,D], n numbers in [0,K) -> [n,D]. A
 * row's gradient is the sum over its uses, in their order. GAN_EINVAL: a number is out of range. */
GAN_API gan_tensor *gan_embedding(gan_tape *t, gan_tensor *table, int64_t n, const int *rows);

/* Over the axes whose bit is set in `axes` (bit i: axis i); they stay, with size 1. */
GAN_API gan_tensor *gan_sum(gan_tape *t, gan_tensor *x, unsigned axes);
GAN_API gan_tensor *gan_mean(gan_tape *t, gan_tensor *x, unsigned axes);

/* Over everything: shape [1]. */
GAN_API gan_tensor *gan_sum_all(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_mean_all(gan_tape *t, gan_tensor *x);

#ifdef __cplusplus
}
#endif
#endif
