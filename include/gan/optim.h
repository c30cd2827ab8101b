/* SPDX-License-Identifier: MIT
 *
 * gan/optim.h - optimizers, and the moving average of a network.
 *
 * With g the gradient, clipped to a norm if asked for, and t the number of the update from 1 on:
 *
 *   adam      m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;                        arXiv:1412.6980
 *             w -= lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
 *   rmsprop   v = b2 v + (1-b2) g^2;  w -= lr g / (sqrt(v) + eps)
 *   sgd       m = b1 m + g;  w -= lr m
 *
 * With weight_decay d, w -= lr d w comes first, for weights alone: not for biases, nor for the scales
 * and shifts of norms. The decay is decoupled from the moments, arXiv:1711.05101. */
#ifndef GAN_OPTIM_H
#define GAN_OPTIM_H

#include "gan/loss.h"
#include "gan/module.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_optimizer_config {
    size_t size; /* sizeof(gan_optimizer_config) */
    gan_optimizer_kind kind;
    double beta1, beta2, eps;
    double clip_norm;    /* largest L2 norm of all gradients together; 0: no limit */
    double weight_decay; /* see above; 0: none */
} gan_optimizer_config;

#define GAN_OPTIMIZER_DEFAULTS                                                                     \
    ((gan_optimizer_config){sizeof(gan_optimizer_config), GAN_ADAM, 0.5, 0.999, 1e-8, 0, 0})

typedef struct gan_optimizer gan_optimizer;

/* For the trained ones of `p`, which must outlive the optimizer. State starts at 0. */
GAN_API gan_status gan_optimizer_create(const gan_optimizer_config *config, gan_parameters *p,
                                        gan_optimizer **out, gan_error *err);
GAN_API void gan_optimizer_free(gan_optimizer *o);

/* The trained tensors, in the order in which gradients are expected: the wrt of gan_grad. */
GAN_API int gan_optimizer_count(const gan_optimizer *o);
GAN_API gan_tensor *const *gan_optimizer_tensors(const gan_optimizer *o);

/* One update with learning rate lr. GAN_EDIVERGED names the parameter whose gradient is not finite;
 * nothing has changed then. *norm (may be NULL) receives the gradients' L2 norm before clipping. */
GAN_API gan_status gan_optimizer_step(gan_optimizer *o, gan_tensor *const *grads, double lr,
                                      int threads, double *norm, gan_error *err);

/* Limits every trained element to [-bound, bound] (arXiv:1701.07875). */
GAN_API void gan_optimizer_clip_weights(gan_optimizer *o, double bound, int threads);

/* Updates made so far; and the state of the i-th trained tensor for a checkpoint: first (m) and
 * second (v) moments, NULL where the kind has none. */
GAN_API int64_t *gan_optimizer_steps(gan_optimizer *o);
GAN_API const char *gan_optimizer_name(const gan_optimizer *o, int i);
GAN_API gan_tensor *gan_optimizer_moment(gan_optimizer *o, int i, int order);

/* --- moving average of the trained parameters: average += (1 - decay) (w - average) --- */

typedef struct gan_ema gan_ema;

/* Starts as a copy. decay in [0,1). */
GAN_API gan_status gan_ema_create(double decay, gan_parameters *p, gan_ema **out, gan_error *err);
GAN_API void gan_ema_free(gan_ema *e);
GAN_API void gan_ema_update(gan_ema *e, int threads);

/* Exchanges the network's weights and the averages; a second call exchanges them back. */
GAN_API void gan_ema_swap(gan_ema *e);

/* The average of the i-th parameter of the list; NULL where it is not trained. */
GAN_API gan_tensor *gan_ema_value(gan_ema *e, int i);

#ifdef __cplusplus
}
#endif
#endif
