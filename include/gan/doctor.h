/* SPDX-License-Identifier: MIT
 *
 * gan/doctor.h - watches a training run and says in one line what is wrong with it.
 *
 * A doctor is an observer: it is shown the report of each step, and every `every` steps (a window)
 * figures that are dearer to get. It draws nothing at random and changes nothing. What it says:
 *
 *   constant-data        the images of the data set are all the same, or nearly so
 *   tiny-data            there are too few of them for the batch, or for that many passes
 *   rate-too-high        weights are thrown about: a step moves them by their own size, or gradients
 *                        or D's loss leap by orders of magnitude
 *   not-finite           a step has failed with GAN_EDIVERGED
 *   saturated-critic     D wins: it tells real from generated images without an error for whole
 *                        windows, and the generator does not catch up
 *   dead-critic          D says the same of every image, and G has nothing to go by
 *   collapsed-generator  images of different noise look alike: their diversity has fallen against
 *                        that of real images
 *   overfitting-critic   D scores held-out real images as if they were generated
 *   oscillation          D and G overthrow each other again and again, not only at the beginning
 *
 * With gan_run it is the settings doctor-every (0: no doctor) and rollback; findings are told by
 * on_finding and are lines of log.jsonl. In a loop of one's own:
 *
 *     gan_finding found[GAN_FINDING_KINDS];
 *     gan_trainer_step(tr, &report, &err);
 *     gan_trainer_examine(tr, &report, found, &n, &err);
 *
 * or, for training that is not libgan's, gan_doctor_create and gan_doctor_look with figures of one's
 * own. The thresholds and their reasons stand in src/train/doctor.h. */
#ifndef GAN_DOCTOR_H
#define GAN_DOCTOR_H

#include <math.h>

#include "gan/trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(code, name), in the order in which they are told: causes before what follows from them. */
#define GAN_FINDING_LIST(X)                                                                        \
    X(GAN_FINDING_CONSTANT, "constant-data")                                                       \
    X(GAN_FINDING_TINY, "tiny-data")                                                               \
    X(GAN_FINDING_NOT_FINITE, "not-finite")                                                        \
    X(GAN_FINDING_RATE, "rate-too-high")                                                           \
    X(GAN_FINDING_SATURATED, "saturated-critic")                                                   \
    X(GAN_FINDING_DEAD, "dead-critic")                                                             \
    X(GAN_FINDING_COLLAPSED, "collapsed-generator")                                                \
    X(GAN_FINDING_OVERFIT, "overfitting-critic")                                                   \
    X(GAN_FINDING_OSCILLATION, "oscillation")

typedef enum gan_finding_kind {
#define GAN_FINDING_CODE(code, name) code,
    GAN_FINDING_LIST(GAN_FINDING_CODE)
#undef GAN_FINDING_CODE
        GAN_FINDING_KINDS
} gan_finding_kind;

/* "saturated-critic"; static, "unknown" outside the list. */
GAN_API const char *gan_finding_name(gan_finding_kind kind);

typedef struct gan_finding {
    gan_finding_kind kind;
    int64_t step;   /* after which it was found */
    char text[400]; /* what was seen, the numbers, and the options to change; one line */
} gan_finding;

typedef struct gan_doctor_options {
    size_t size;    /* sizeof(gan_doctor_options) */
    int64_t every;  /* steps of a window, 1 or more; fewer: sooner, and more often wrong */
    int64_t batch;  /* real images of a D update; 0: not known */
    int64_t images; /* that are trained on; 0: not known */
    int logits;     /* scores are logits: a gap of 10 is certainty */
    double chance;  /* D's loss where it cannot tell, 2 ln 2 for standard; 0: there is no such */
} gan_doctor_options;

#define GAN_DOCTOR_OPTIONS_DEFAULTS                                                                \
    ((gan_doctor_options){sizeof(gan_doctor_options), 100, 0, 0, 0, 0})

/* Figures of a look. NaN: not known. */
typedef struct gan_vitals {
    double diversity_real, diversity_fake; /* gan_diversity of some images; of fixed noise */
    double update_d, update_g; /* norm of the last update of the weights, over theirs after it */
} gan_vitals;

#define GAN_VITALS_UNKNOWN ((gan_vitals){(double)NAN, (double)NAN, (double)NAN, (double)NAN})

typedef struct gan_doctor gan_doctor;

/* GAN_EINVAL (options), GAN_ENOMEM. options NULL: the defaults. */
GAN_API gan_status gan_doctor_create(const gan_doctor_options *options, gan_doctor **out,
                                     gan_error *err);
GAN_API void gan_doctor_free(gan_doctor *doctor); /* NULL is nothing */

/* Does a look after that step want vitals? After the first that is shown, and at the end of each window:
 * after the first step at or past it that is shown. */
GAN_API int gan_doctor_due(const gan_doctor *doctor, int64_t step);

/* Shows the next step. vitals NULL: not looked at. Returns how many of found[GAN_FINDING_KINDS]
 * have been filled in. A kind is told again only when it had been away for 3 windows, or after 10;
 * what is wrong with the data once. Of the report it reads step, d_loss, the scores, auc and the
 * norms; NaN: not known. */
GAN_API int gan_doctor_look(gan_doctor *doctor, const gan_report *r, const gan_vitals *vitals,
                            gan_finding *found);

/* All that it remembers, *count doubles, to be kept with a checkpoint and copied back. */
GAN_API double *gan_doctor_state(gan_doctor *doctor, int *count);

/* The mean over pairs of n >= 2 images, [n][size], of the root mean square difference of their
 * pixels. Multiple of 127.5: in grey levels. */
GAN_API double gan_diversity(int64_t n, int64_t size, const gan_real *images);

/* What the trainer's own doctor says of the step just made; *count findings. Takes the vitals when
 * they are due: 64 images of fixed noise from the generator as it is, not averaged, against 64 of
 * the data set. Without a doctor (doctor-every 0) nothing. GAN_ENOMEM, or what the networks and the
 * data set say. */
GAN_API gan_status gan_trainer_examine(gan_trainer *tr, const gan_report *r, gan_finding *found,
                                       int *count, gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
