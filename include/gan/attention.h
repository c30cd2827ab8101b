/* SPDX-License-Identifier: MIT
 *
 * gan/attention.h - attention, and windows of tokens to pay it in.
 *
 * Each returns a tensor of tape `t`, and NULL with GAN_ESHAPE on the tape when the shapes do not
 * fit. All are differentiable any number of times. */
#ifndef GAN_ATTENTION_H
#define GAN_ATTENTION_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For each of b: y = softmax(scale * q k^T) v, the softmax over the keys of a query (arXiv:1706.03762,
 * eq. 1, where scale is 1/sqrt(D)): q [B,Tq,D], k [B,Tk,D], v [B,Tk,E] give y [B,Tq,E]. The scores
 * are never in memory, of a query two numbers are kept for the gradient (arXiv:2205.14135): memory is
 * that of the operands. A gradient that is itself recorded is made of operations and does keep the
 * scores, a few times [B,Tq,Tk]. */
GAN_API gan_tensor *gan_attention(gan_tape *t, gan_tensor *q, gan_tensor *k, gan_tensor *v,
                                  double scale);

/* The same of q, k and v of one size in one tensor, x[0], x[1] and x[2]: x [3,B,T,D] gives y
 * [B,T,D]. */
GAN_API gan_tensor *gan_self_attention(gan_tape *t, gan_tensor *x, double scale);

/* The windows of side x side pixels of images, each a sequence of tokens, row by row: [N,H,W,C] to
 * [N*(H/side)*(W/side), side*side, C]; side divides H and W. And back, to images of height x width:
 * the adjoint, which is the inverse. */
GAN_API gan_tensor *gan_windows_cut(gan_tape *t, gan_tensor *x, int64_t side);
GAN_API gan_tensor *gan_windows_join(gan_tape *t, gan_tensor *x, int64_t side, int64_t height,
                                     int64_t width);

#ifdef __cplusplus
}
#endif
#endif
