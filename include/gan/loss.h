/* SPDX-License-Identifier: MIT
 *
 * gan/loss.h - adversarial objectives: what discriminator and generator minimise.
 *
 * An objective is a row: its two losses as functions of the scores, and a recipe, the settings that
 * its paper used. One file each in src/nn/loss/, and one row in its table. With x real, G(z)
 * generated:
 *
 *   standard      cross-entropy from logits, arXiv:1406.2661
 *       D:  mean softplus(-D(x)) + mean softplus(D(G(z)))
 *       G:  mean softplus(-D(G(z)));  saturating: -mean softplus(D(G(z)))
 *   lsgan         least squares, arXiv:1611.04076, eq. 9: a = 0, b = c = 1
 *       D:  1/2 mean (D(x) - 1)^2 + 1/2 mean D(G(z))^2
 *       G:  1/2 mean (D(G(z)) - 1)^2
 *   hinge         arXiv:1705.02894, as in arXiv:1802.05957, eqs. 16, 17
 *       D:  mean relu(1 - D(x)) + mean relu(1 + D(G(z)))
 *       G:  -mean D(G(z))
 *   relativistic  each real image against a generated one, arXiv:1807.00734, with both zero-centred
 *                 penalties as in arXiv:2501.05441, eq. 2
 *       D:  mean softplus(-(D(x) - D(G(z))))
 *       G:  mean softplus(-(D(G(z)) - D(x)))
 *   wgan          weights clipped to [-c,c], arXiv:1701.07875
 *       D:  mean D(G(z)) - mean D(x)
 *       G:  -mean D(G(z))
 *   wgan-gp       the same with a gradient penalty in place of clipping, arXiv:1704.00028
 *
 * smooth (standard, lsgan) moves the target of real images from 1 to 1 - smooth, arXiv:1606.03498. */
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
    int saturating; /* standard: G minimises log(1 - D(G(z))) */
    double smooth;  /* the target of real images is 1 - smooth */
} gan_loss_options;

#define GAN_LOSS_DEFAULTS ((gan_loss_options){0, 0})

/* The settings of the paper; what the user sets wins. */
typedef struct gan_recipe {
    gan_optimizer_kind optimizer;
    double lr_g, lr_d, beta1, beta2;
    const char *n_critic; /* a schedule */
    const char *penalty;  /* gan_penalties_parse() */
} gan_recipe;

/* A loss [1] from the scores [N] of real and generated images. */
typedef gan_tensor *gan_loss_function(gan_tape *t, const gan_loss_options *o, gan_tensor *real,
                                      gan_tensor *fake);

typedef struct gan_objective {
    const char *name;
    gan_loss_function *d, *g;
    int needs_real;  /* G's loss reads the scores of real images too: of the last batch D saw */
    int fresh_noise; /* G's step draws new noise; else it judges the last D step's images again */
    int clips;       /* the critic's weights are clipped after each of its steps */
    int smooths;     /* it has a target for real images: `smooth` means something */
    int saturates;   /* it has the saturating form */
    int logits;      /* scores, or their differences, are the logits of a probability */
    int signs;       /* D takes an image for real where its score is above 0 */
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
