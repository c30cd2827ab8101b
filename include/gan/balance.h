/* SPDX-License-Identifier: MIT
 *
 * gan/balance.h - how many discriminator steps a generator step gets, from how well the
 * discriminator judges.
 *
 * Two things are watched, both of which a step has anyway:
 *
 *   a   its judgement: the chance that it ranks a real image, which it has not just been trained on,
 *       above a generated one (the area under its ROC curve). 0.5 is guessing, 1 is certainty, and
 *       neither the scale of scores nor the objective matters to it. The trainer gives the lower of
 *       that of a batch, before the update by it, and that of held-out images, where there are any;
 *   s   what its steps gain: (l_1 - l_n) / |l_1|, limited to [-1, 1], with l_1 and l_n its loss,
 *       without penalties, at the first and the last of a generator step's n > 1 discriminator
 *       steps. Its loss slopes down while it learns faster than the generator changes.
 *
 * With W the window, P the patience, p how long it is at present, and T the target, after each
 * generator step
 *
 *     A += (a - A) / W,   S += (s - S) / W    their averages; s = 0.01 where n = 1 tells none
 *     B += (a - B) / p                        the same over p steps; it begins at 1, as trust, and p at P
 *     v  = (T - A) (max - min) / W            at most one crossing of the range in W steps
 *     L += v     if A > T; or if S > 0, and A < 1 - T or both A and B < T
 *     L -= v     if A <= T and S <= 0         L is the level: D steps a G step, a real number
 *     L  = L limited to [min, max]
 *     L  = min, p = 2 p, B = 1   where L > min since more than P steps
 *
 * A discriminator whose judgement is poor (A < T) tells the generator nothing worth following, so it
 * gets more steps as long as they make it better. One that is right more often can be followed, and
 * waits. So does one whose judgement is poor because there is nothing left to tell apart: more steps
 * do not better it, which is tried now and then.
 *
 * L begins at min, and patience is what tells one that cannot keep up from one that is just beginning.
 * At first every judgement is poor. On a ring of eight modes it is good within a thousand steps, and a
 * lead of a few hundred D steps before that leaves the generator's modes out of balance for the rest
 * of its training; on a grid of 25 it would be no better than guessing for four thousand. B tells them
 * apart, also where A swings up and down. One that is wrong as surely as it should be right
 * (A < 1 - T) is not beginning: the generator has left it behind, and it gets steps at once.
 *
 * What helps, helps soon: on that grid D ranks well within 400 steps of getting more, and gives them
 * back. A lead that lasts for P steps is given up, and it takes twice as long until patience ends again.
 * For judgement is poor as well where generated and real images are nearly alike, so that there is
 * little to tell, and loss slopes down all the same: a ring under WGAN-GP was learned by then, and
 * would spend on D ever more of what it cost.
 *
 * What is left of L when a step takes its whole part is kept for the next: L = 1.5 is 1, 2, 1, 2, ...
 * With min below 1 a discriminator that judges well rests in some steps: L = 0.5 is 0, 1, 0, 1, ... Such
 * a step is not looked at. */
#ifndef GAN_BALANCE_H
#define GAN_BALANCE_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_LEAST_N_CRITIC 0.01 /* D steps a G step, below which D would hardly train */
#define GAN_LONGEST_PATIENCE 1000000

typedef struct gan_balance_options {
    size_t size;      /* sizeof(gan_balance_options) */
    double min, max;  /* of D steps a G step; from GAN_LEAST_N_CRITIC */
    double target;    /* T, from 0.5 to 1 */
    int64_t window;   /* W, in generator steps that are looked at */
    int64_t patience; /* P, in such steps; 0: none, and leads of any length */
} gan_balance_options;

#define GAN_BALANCE_DEFAULTS                                                                       \
    ((gan_balance_options){sizeof(gan_balance_options), 1, 5, 0.65, 50, 1000})

enum {
    GAN_BALANCE_LEVEL,
    GAN_BALANCE_JUDGEMENT, /* A */
    GAN_BALANCE_GAIN,      /* S */
    GAN_BALANCE_REST,
    GAN_BALANCE_TRUST,    /* B */
    GAN_BALANCE_LEAD,     /* steps since which L > min, up to P */
    GAN_BALANCE_PATIENCE, /* p */
    GAN_BALANCE_STATE
};

/* A plain value; state is all that a checkpoint needs. */
typedef struct gan_balance {
    gan_balance_options options;
    gan_real state[GAN_BALANCE_STATE];
} gan_balance;

GAN_API gan_status gan_balance_start(const gan_balance_options *options, gan_balance *out,
                                     gan_error *err);

/* The next generator step's number of discriminator steps; moves the rest on. */
GAN_API int64_t gan_balance_next(gan_balance *b);

/* Takes what the step has seen: a, from 0 to 1, and s; NaN: not known. */
GAN_API void gan_balance_look(gan_balance *b, double judgement, double gain);

/* The chance that one of real[n] is above one of fake[m], ties counting half. n, m > 0. */
GAN_API double gan_balance_judgement(const gan_real *real, size_t n, const gan_real *fake,
                                     size_t m);

#ifdef __cplusplus
}
#endif
#endif
