/* SPDX-License-Identifier: MIT
 *
 * gan/loss.h - adversarial objectives: what discriminator and generator minimise.
 *
 * An objective is a row: its two losses as functions of the scores, and a recipe, the settings that
 * its paper used. One file each in src/nn/loss/, and one row in its table.
 *
 *   standard   cross-entropy from logits, arXiv:1406.2661
 *       D:  mean softplus(-D(x)) + mean softplus(D(G(z)))
 *       G:  mean softplus(-D(G(z)));  saturating: -mean softplus(D(G(z)))
 *   wgan       weights clipped to [-c,c], arXiv:1701.07875
 *       D:  mean D(G(z)) - mean D(x)
 *       G:  -mean D(G(z))
 *   wgan-gp    the same with a gradient penalty in place of clipping, arXiv:1704.00028 */
#ifndef GAN_LOSS_H
#define GAN_LOSS_H

#include "gan/discriminator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(code, name) */
#define GAN_OPTIMIZER_LIST(X)                                                                      \
    X(GAN_ADAM, "adam")                                                                            \
    X(GAN_RMSPROP, "rmsprop")                                                                      \
    X(GAN_SGD, "sgd")

typedef enum gan_optimizer_kind {
#define GAN_OPTIMIZER_CODE(code, name) code,
    GAN_OPTIMIZER_LIST(GAN_OPTIMIZER_CODE)
#undef GAN_OPTIMIZER_CODE
} gan_optimizer_kind;

typedef struct gan_loss_options {
    int saturating;   /* standard: G minimises log(1 - D(G(z))) */
    double smooth;    /* standard: the target of real images is 1 - smooth, arXiv:1606.03498 */
    double clip;      /* wgan: bound of the critic's weights */
    double gp_lambda; /* wgan-gp: weight of the penalty */
} gan_loss_options;

#define GAN_LOSS_DEFAULTS ((gan_loss_options){0, 0, 0.01, 10})

/* The settings of the paper; what the user sets wins. */
typedef struct gan_recipe {
    gan_optimizer_kind optimizer;
    double lr_g, lr_d, beta1, beta2;
    const char *n_critic;
} gan_recipe;

/* A loss [1] from the scores [N] of real and generated images. */
typedef gan_tensor *gan_loss_function(gan_tape *t, const gan_loss_options *o, gan_tensor *real,
                                      gan_tensor *fake);

/* A gradient penalty on d [1], from real and generated images [N,H,W,C]: see gan/penalty.h. */
typedef gan_tensor *gan_penalty_function(gan_tape *t, const gan_loss_options *o,
                                         gan_discriminator *d, gan_tensor *real, gan_tensor *fake,
                                         gan_rng *rng, const gan_pass *pass);

typedef struct gan_objective {
    const char *name;
    gan_loss_function *d, *g;
    int needs_real;  /* G's loss reads the scores of real images too */
    int fresh_noise; /* G's step draws new noise; else it judges the last D step's images again */
    int clips;       /* the critic's weights are clipped after each of its steps */
    gan_penalty_function *penalty; /* part of D's loss; NULL: none */
    gan_recipe recipe;
} gan_objective;

/* By name; NULL with a message that lists the known ones. Static. */
GAN_API const gan_objective *gan_objective_find(const char *name, gan_error *err);

/* The i-th; NULL past the last. */
GAN_API const gan_objective *gan_objective_at(int i);

#ifdef __cplusplus
}
#endif
#endif
