/* SPDX-License-Identifier: MIT
 *
 * train/doctor.h - what the doctor remembers, and where it draws its lines.
 *
 * "Seen" are the runs of width 8 on MNIST (28x28) and on the faces of data/ (32x32), 1000 to 3000
 * steps, losses standard, wgan and wgan-gp, with the recipes' settings (healthy) and with one of
 * them spoilt. */
#ifndef GAN_TRAIN_DOCTOR_H
#define GAN_TRAIN_DOCTOR_H

#include "gan/doctor.h"

/* --- lines --- */

/* Mean difference of pixels in [-1,1]: 2.5 grey levels. Seen: faces 0.52, MNIST 0.74. */
#define GAN__CONSTANT 0.02

/* With fewer batches than that in the set, one hardly differs from the next; and a set of under a
 * thousand images is learnt by heart in a hundred passes (arXiv:2006.06676 sees thousands of images
 * overfitted after hundreds). */
#define GAN__TINY_BATCHES 4
#define GAN__TINY_IMAGES 1000
#define GAN__TINY_PASSES 100

/* Adam's first step moves each weight by the rate. 0.9 of the size after it is twice the size
 * before: a rate of 0.04 for weights of 0.02. Healthy: 0.01 to 0.02. */
#define GAN__UPDATE 0.9

/* A gradient's norm against the largest of its running means, and D's loss against that of a
 * critic that guesses, or what it was at first. Healthy: at most 40 times and 2 times. */
#define GAN__LEAP 1000
#define GAN__LOSS_LEAP 30
#define GAN__NORM_MEMORY 50 /* steps of the running mean */

/* Saturated, either way with nearly every pair ranked right:
 * - logits a gap apart that is a certainty of 0.993 for each image, in two windows. Healthy: up to
 *   9 for a while, when the generator of MNIST is slow to start; spoilt: 11 and more from the third
 *   window on;
 * - the gap does not fall below 0.95 of its highest in 8 windows without one error in a thousand
 *   pairs. Healthy: 5 such windows at most, since a generator that learns narrows the gap;
 * - the generator's gradient is a thousandth of what it was (a saturating loss; the other losses
 *   keep their gradients when D wins: norms were seen to grow fourfold). */
#define GAN__RANKED 0.99
#define GAN__SURE_GAP 10
#define GAN__SURE_WINDOWS 2
#define GAN__UNBEATEN 0.999
#define GAN__UNBEATEN_GAP 0.95
#define GAN__UNBEATEN_WINDOWS 8
#define GAN__ALIKE 1e-3 /* mean scores that differ by so much of their size are the same */
#define GAN__VANISHED 1e-3

/* Dead: the same fall, and pairs are not ranked. Seen with hinge and --spectral-d at rates of 4e-4:
 * scores that differ in the sixth decimal, gradients of 1e-5. */

/* Collapsed: diversity against that of real images has been at 0.3 and is now below 0.3 of its
 * best, in two looks; or it is below 0.05 in ten, a third of what an untrained generator shows.
 * Healthy: 0.8 and more in the end, under 0.02 for 5 looks when slow to start. */
#define GAN__ALIVE 0.3
#define GAN__FALLEN 0.3
#define GAN__FALLEN_LOOKS 2
#define GAN__FLAT 0.05
#define GAN__FLAT_LOOKS 10

/* Overfitting: held-out images lie that far on the way from real to generated ones, in three
 * windows in which the two can be told apart. Healthy: 0.15. */
#define GAN__OVERFIT 0.5
#define GAN__OVERFIT_AUC 0.75
#define GAN__OVERFIT_WINDOWS 3

/* Oscillation: the smoothed ranking goes from one of these to the other, 6 times in 20 windows. The
 * distance is fixed, so swings that die away stop counting. Nor do those of the first 5 windows
 * count: two new networks overthrow each other and settle (ring, healthy: 6 times in the first). A
 * batch of 32 is smoothed over two steps, smaller ones more, in proportion to their noise. */
#define GAN__SWING_HIGH 0.75
#define GAN__SWING_LOW 0.25
#define GAN__TURNS 6
#define GAN__SWING_WINDOWS 20
#define GAN__SETTLING 5

/* Told again after that many windows without the sign of it, and in any case. */
#define GAN__GONE_WINDOWS 3
#define GAN__PAUSE_WINDOWS 10

/* --- memory: doubles alone, so that it goes to a file as it is --- */

/* Sums while it is open, means when it is closed. */
typedef struct gan__window {
    double steps, auc, real, fake, holdout, holdouts, norm_g;
} gan__window;

typedef struct gan__memory {
    double step, seen, passes;                    /* seen: steps shown; passes: over the data set */
    gan__window open, closed;                     /* norm_g: of logarithms */
    double windows;                               /* closed ones */
    double sure, unbeaten, overfit, fallen, flat; /* windows or looks in a row */
    double gap_peak, norm_g_peak;                 /* since unbeaten; of the windows' */
    double diversity, best;                       /* against real images: now, highest */
    double diversity_real, update_d, update_g;    /* of the last look */
    double norm_d[2], norm_g[2];                  /* logarithms: running mean, its highest */
    double leap, leap_from;                       /* of this step, 0: none */
    double leap_of;                               /* 0: norm D, 1: norm G, 2: loss D */
    double loss_start;                            /* D's, before its first update; 0: not known */
    double auc, side, turns[GAN__TURNS]; /* smoothed; 1 high, -1 low; steps, the last first */
    double told[GAN_FINDING_KINDS], fired[GAN_FINDING_KINDS]; /* steps; 0: never */
} gan__memory;

struct gan_doctor {
    gan_doctor_options options;
    gan__memory m;
};

/* A rule: writes what it has seen into text and returns 1, or 0. */
typedef struct gan__rule {
    gan_finding_kind kind;
    int each_step; /* else at the looks */
    int once;
    int (*found)(const gan_doctor *d, char *text, size_t size);
    const char *advice;
} gan__rule;

extern const gan__rule gan__rules[];
extern const int gan__rule_count;

/* The finding of a step that failed with err (GAN_EDIVERGED). */
gan_finding gan__finding_diverged(int64_t step, const gan_error *err);

#endif
