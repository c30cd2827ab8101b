/* SPDX-License-Identifier: MIT
 *
 * gan/penalty.h - what is added to a discriminator's loss to keep it in bounds.
 *
 * A penalty is a row of a table, combinable with any objective and with others. Without its weight:
 *
 *   gp        mean_n (|g(x_n)| - 1)^2, x_n = real_n + e_n (fake_n - real_n), e_n uniform in [0,1):
 *             WGAN-GP, arXiv:1704.00028, eq. 3 (weight 10)
 *   gp0       mean_n |g(x_n)|^2 at the same points, arXiv:1902.03984, eq. 5
 *   r1        1/2 mean_n |g(real_n)|^2, arXiv:1801.04406, eq. 9 (weight 10, the paper's gamma)
 *   r2        1/2 mean_n |g(fake_n)|^2, the same, eq. 10
 *   dragan    mean_n (|g(x_n)| - 1)^2, x_n = real_n + e_n s u_n, s half the standard deviation of the
 *             batch's pixels, e_n and each element of u_n uniform in [0,1): arXiv:1705.07215 as its
 *             authors' program has it (weight 10)
 *   dragan0   mean_n |g(x_n)|^2 at the same points
 *   drift     mean_n D(real_n)^2, arXiv:1710.10196, appendix A.1 (weight 0.001)
 *
 * g(x) is the gradient of x's score with respect to x, in score per unit of pixel, its norm over H, W
 * and C. A discriminator that judges m images together (pack) is penalised for each pack: the norm is
 * over all of its images, and e_n is drawn for the pack. Where layers mix images on purpose
 * (minibatch standard deviation), g is the gradient of the summed scores. */
#ifndef GAN_PENALTY_H
#define GAN_PENALTY_H

#include "gan/discriminator.h"
#include "gan/schedule.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a penalty may look at. All tensors belong to the tape. */
typedef struct gan_penalty_inputs {
    gan_discriminator *d;
    gan_tensor *real, *fake; /* images [N,H,W,C], pixels in [-1,1]; through fake nothing flows */
    gan_tensor *score_real;  /* [N], [N/pack]: the judgement of real, on record */
    gan_rng *rng;            /* for the points between and around images */
    const gan_pass *pass;
} gan_penalty_inputs;

/* A scalar [1], the mean over the batch, owned by tape `t` until gan_tape_reset(), and
 * differentiable in the parameters of `d`. On failure: NULL, and gan_tape_status(t) is GAN_ESHAPE
 * (operands disagree), GAN_EMODEL (`d` normalises over the batch, so that an image has no gradient
 * of its own), GAN_ESTATE (the tape does not record) or GAN_ENOMEM. */
typedef gan_tensor *gan_penalty_function(gan_tape *t, const gan_penalty_inputs *in);

typedef struct gan_penalty {
    const char *name;
    gan_penalty_function *run;
    int per_image; /* needs the gradient of each image, takes a second walk, and may be lazy */
} gan_penalty;

/* The i-th; NULL past the last. Static. */
GAN_API const gan_penalty *gan_penalty_at(int i);

#define GAN_PENALTIES 8
#define GAN_PENALTIES_TEXT 1024

/* A sum of penalties, each with its weight. */
typedef struct gan_penalties {
    int count;
    struct {
        const gan_penalty *penalty;
        gan_schedule weight;
    } item[GAN_PENALTIES];
} gan_penalties;

/* From text: "none", or NAME:WEIGHT joined by '+', "r1:0.5+drift:0.001"; a weight is a schedule.
 * GAN_EINVAL names what cannot be read and the known names. */
GAN_API gan_status gan_penalties_parse(const char *text, gan_penalties *out, gan_error *err);

/* Does one of them need the gradient of each image? */
GAN_API int gan_penalties_per_image(const gan_penalties *p);

/* WGAN-GP's alone, with its weight lambda. */
GAN_API gan_tensor *gan_penalty_wgangp(gan_tape *t, gan_discriminator *d, gan_tensor *real,
                                       gan_tensor *fake, double lambda, gan_rng *rng,
                                       const gan_pass *pass);

#ifdef __cplusplus
}
#endif
#endif
