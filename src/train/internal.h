/* SPDX-License-Identifier: MIT
 *
 * train/internal.h - the trainer, for the files that make it up. */
#ifndef GAN_TRAIN_INTERNAL_H
#define GAN_TRAIN_INTERNAL_H

#include "gan/augment.h"
#include "gan/balance.h"
#include "gan/doctor.h"
#include "gan/loader.h"
#include "gan/loss.h"
#include "gan/optim.h"
#include "gan/term.h"
#include "gan/trainer.h"

/* The scores that are kept to compare others with. */
#define GAN__KEPT_SCORES 256

/* One side: a network's optimizer, its rate, and the sum of gradients over accumulated batches. */
typedef struct gan__side {
    gan_optimizer *optimizer;
    gan_schedule rate;
    double lr;          /* the rate of the last update */
    gan_tensor **grads; /* of the last batch; the tape's */
    gan_tensor **sums;  /* owned; NULL when nothing is accumulated */
} gan__side;

/* How strongly images are augmented (train/augment.c). */
enum { GAN__AUGMENT_P, GAN__AUGMENT_SIGN, GAN__AUGMENT_LOOKS, GAN__AUGMENT_STATE };

typedef struct gan__strength {
    unsigned kinds; /* 0: no augmentation */
    gan_schedule p;
    int adapts; /* in place of the schedule */
    gan_real state[GAN__AUGMENT_STATE];
} gan__strength;

typedef struct gan__task gan__task;

struct gan_trainer {
    gan_config config;
    const gan__task *task;
    const gan_objective *objective;
    gan_loss_options loss;
    gan_schedule n_critic, smooth, critic_noise, mode_seeking, classify, adversarial;
    gan_penalties penalties;
    gan_terms terms;
    gan_module *vgg;     /* owned; NULL: no term wants it */
    gan_tensor *pool;    /* [2,image_pool,H,W,C]: images of earlier steps; NULL: none are kept */
    gan_balance balance; /* of --n-critic auto; min 0: off */
    gan__strength augment;
    gan_generator *g;
    gan_discriminator *d;
    gan_dataset *data;
    gan_loader *loader;
    gan_tape *tape;
    gan__side gs, ds;
    gan_ema *ema;      /* NULL: off */
    gan_tensor *batch; /* of the data set */
    gan_tensor *real;  /* [batch,H,W,C]: the batch, or a part of its pictures */
    int *labels;       /* [batch]: of the real images; NULL: not wanted */
    gan_tensor *input; /* of G: noise [batch,nz], or images */
    gan_tensor *fakes; /* images of the last D update; the tape's */
    gan_real fake_scores[GAN__KEPT_SCORES]; /* of the last G update, by the D of its time */
    size_t fake_score_count;
    int64_t g_steps, d_steps;
    gan_real score_holdout, auc_holdout; /* as they are saved; NaN: not yet looked at */
    double started;
    int64_t rollbacks;     /* so far: each has halved the learning rates */
    gan_doctor *doctor;    /* owned; NULL: none */
    double diversity_real; /* of the data set; NaN: not yet looked at */
};

/* Do the settings, the networks and the data set go together? */
gan_status gan__agree(const gan_config *c, const gan__task *task, gan_generator *g,
                      gan_discriminator *d, const gan_dataset *data, gan_error *err);

/* Sets what follows a schedule for the coming step, and r->n_critic. */
void gan__trainer_follow(gan_trainer *tr, gan_report *r);

/* One update of each side (train/step.c). */
gan_status gan__step_d(gan_trainer *tr, int last, gan_report *r, gan_error *err);
gan_status gan__step_g(gan_trainer *tr, gan_report *r, gan_error *err);

/* Reads the settings of augmentation; its strength now, NaN without any; what a pass is given, NULL
 * without any; and what a batch of real images' scores [N] does to an adaptive one. */
gan_status gan__augment_start(gan_trainer *tr, gan_error *err);
double gan__augment_strength(const gan_trainer *tr);
const gan_augment *gan__augment_pass(const gan_trainer *tr, gan_rng *rng, gan_augment *room);
void gan__augment_watch(gan_trainer *tr, const gan_tensor *real);

/* Is n_critic left to the balance? */
static inline int gan__balanced(const gan_trainer *tr) {
    return tr->balance.options.min > 0;
}

/* The mean score of the next batch of held-out images, and their rank among the generated ones. */
gan_status gan__score_holdout(gan_trainer *tr, gan_error *err);

/* Makes the doctor that the settings ask for. */
gan_status gan__doctor_start(gan_trainer *tr, gan_error *err);

#endif
