/* SPDX-License-Identifier: MIT
 *
 * gan/softmax.h - softmax and cross-entropies from logits.
 *
 * NULL with GAN_ESHAPE or GAN_EINVAL on the tape when shapes or labels do not fit. Differentiable
 * any number of times. */
#ifndef GAN_SOFTMAX_H
#define GAN_SOFTMAX_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Over the last axis. */
GAN_API gan_tensor *gan_softmax(gan_tape *t, gan_tensor *x);
GAN_API gan_tensor *gan_log_softmax(gan_tape *t, gan_tensor *x);

/* mean over x of -target log sigmoid(x) - (1-target) log(1 - sigmoid(x)), target in [0,1]: shape
 * [1]. */
GAN_API gan_tensor *gan_binary_cross_entropy(gan_tape *t, gan_tensor *x, double target);

/* mean over n of -log softmax(x_n)[label_n]: x [N,K], labels N integers in [0,K); shape [1]. */
GAN_API gan_tensor *gan_cross_entropy(gan_tape *t, gan_tensor *x, const int *labels);

#ifdef __cplusplus
}
#endif
#endif
