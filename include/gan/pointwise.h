/* SPDX-License-Identifier: MIT
 *
 * gan/pointwise.h - operations on single elements.
 *
 * Each returns a tensor of tape `t`, and NULL with the reason on the tape when it fails: GAN_ESHAPE
 * (shapes cannot be broadcast), GAN_ESTATE (an operand was given back), GAN_ENOMEM. All are
 * differentiable any number of times. */
#ifndef GAN_POINTWISE_H
#define GAN_POINTWISE_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* a op b. Shapes are aligned at their last axis; an axis of size 1, or a missing one, is repeated.
 */
GAN_API gan_tensor *gan_add(gan_tape *t, gan_tensor *a, gan_tensor *b);
GAN_API gan_tensor *gan_sub(gan_tape *t, gan_tensor *a, gan_tensor *b);
GAN_API gan_tensor *gan_mul(gan_tape *t, gan_tensor *a, gan_tensor *b);
GAN_API gan_tensor *gan_div(gan_tape *t, gan_tensor *a, gan_tensor *b);

GAN_API gan_tensor *gan_affine(gan_tape *t, gan_tensor *x, double scale, double shift);
GAN_API gan_tensor *gan_scale(gan_tape *t, gan_tensor *x, double scale);

GAN_API gan_tensor *gan_exp(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_log(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_sqrt(gan_tape *t, gan_tensor *x);  /* gradient 0 at 0 */
GAN_API gan_tensor *gan_rsqrt(gan_tape *t, gan_tensor *x); /* 1/sqrt(x); 0 for x <= 0 */
GAN_API gan_tensor *gan_abs(gan_tape *t, gan_tensor *x);   /* gradient 0 at 0 */
GAN_API gan_tensor *gan_sign(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_square(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_tanh(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_sigmoid(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_softplus(gan_tape *t, gan_tensor *x); /* log(1 + e^x), without overflow */
/* x Phi(x), Phi the normal distribution function (arXiv:1606.08415; not the approximation by tanh);
 * and its derivative, Phi(x) + x phi(x). */
GAN_API gan_tensor *gan_gelu(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_gelu_slope(gan_tape *t, gan_tensor *x);

GAN_API gan_tensor *gan_relu(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_leaky_relu(gan_tape *t, gan_tensor *x,
                                   double slope); /* slope*x for x <= 0 */

/* The same with a slope that is learned: a tensor of one element (arXiv:1502.01852). */
GAN_API gan_tensor *gan_prelu(gan_tape *t, gan_tensor *x, gan_tensor *slope);

/* Limits x to [lo, hi]; gradient 0 at and outside the bounds. */
GAN_API gan_tensor *gan_clamp(gan_tape *t, gan_tensor *x, double lo, double hi);

/* x where lo < v < hi, else slope * x; shapes equal; no gradient flows to v. The derivative of
 * relu, leaky relu and clamp. */
GAN_API gan_tensor *gan_gate(gan_tape *t, gan_tensor *x, gan_tensor *v, double lo, double hi,
                             double slope);

#ifdef __cplusplus
}
#endif
#endif
