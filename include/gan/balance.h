/* SPDX-License-Identifier: MIT
 *
 * gan/balance.h - how many discriminator steps a generator step gets, from whether the generator
 * has overtaken the discriminator.
 *
 * What is watched is its judgement a: the chance that D, before a batch has updated it, ranks a
 * real image of that batch above a generated one (the area under its ROC curve), mean over the
 * step's updates. 0.5 is guessing, 1 is certainty; neither the scale of scores nor the objective
 * matters to it.
 *
 * With W the window, T the target, H = 1 - (1 - T) / 10 and P the patience, a generator step ends
 * with
 *
 *     A += (a - A) / W               the average judgement; it begins at T
 *     K  = K + 1, at most P          where A > H: steps in which D led; K begins at 0
 *     L += (max - min) / (5 W)       where A < T and K = P: D has been overtaken
 *     L -= (max - min) / (100 W)     where A > H
 *     L  = L limited to [min, max]   the level: D steps a G step, a real number; it begins at min
 *
 * A discriminator that ranks generated images above real ones shows the generator the way back. It
 * is corrected, overshoots, and the two go round in circles that end where they began: with stacked
 * digits and one step A swings between 0.3 and 1, once in some 30 steps. With enough steps it does
 * not. So L rises within a few swings. What helped is kept: to give it back as soon as D is no
 * longer overtaken ends no circles. It is given back, slowly, by one that leads and does not need
 * it. T is a little below guessing, so that chance alone, where there is nothing left to tell
 * apart, does not count: with 100 images the deviation of A is then 0.01.
 *
 * Between T and H nothing moves, since no one judgement is right for all: points on a ring are
 * learned best with one step and A = 0.8, those on a grid with A = 0.9, and more steps there take
 * from the generator's share of the cost. Nor is D overtaken before it has led. Where it begins
 * with a poor judgement, as on points, the two swing for the first hundreds or thousands of steps,
 * which ends by itself, and more steps of D then leave the generator's modes out of balance for the
 * rest of its training.
 *
 * Held-out images are not asked. One that knows its images by heart ranks those low, and more steps
 * would make that worse.
 *
 * What is left of L when a step takes its whole part is kept for the next: L = 1.5 is 1, 2, 1, 2.
 * With min below 1 a discriminator rests in some steps, from the first on, until it is overtaken:
 * L = 0.5 is 0, 1, 0, 1, ... A step in which it rests is not looked at. */
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

#define GAN_LONGEST_WINDOW 10000
#define GAN_LONGEST_PATIENCE 1000000

typedef struct gan_balance_options {
    size_t size;      /* sizeof(gan_balance_options) */
    double min, max;  /* of D steps a G step; from GAN_LEAST_N_CRITIC to 1e6 */
    double target;    /* T, between 0 and 1 */
    int64_t window;   /* W, in generator steps that are looked at; up to GAN_LONGEST_WINDOW */
    int64_t patience; /* P, in such steps, up to GAN_LONGEST_PATIENCE; 0: D need not have led */
} gan_balance_options;

#define GAN_BALANCE_DEFAULTS                                                                       \
    ((gan_balance_options){sizeof(gan_balance_options), 1, 5, 0.45, 10, 100})

enum {
    GAN_BALANCE_LEVEL,     /* L */
    GAN_BALANCE_JUDGEMENT, /* A */
    GAN_BALANCE_REST,      /* what is left of L */
    GAN_BALANCE_LEADS,     /* K */
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

/* Takes what the step has seen: a, from 0 to 1; NaN: not known, and nothing moves. */
GAN_API void gan_balance_look(gan_balance *b, double judgement);

/* The chance that one of real[n] is above one of fake[m], ties counting half. n, m > 0. */
GAN_API double gan_balance_judgement(const gan_real *real, size_t n, const gan_real *fake,
                                     size_t m);

#ifdef __cplusplus
}
#endif
#endif
