/* SPDX-License-Identifier: MIT
 *
 * gan/trainer.h - the training loop: generator and discriminator take turns.
 *
 * One step is n_critic updates of the discriminator (each on new images) and one of the generator:
 *
 *     D:  x real, z noise; minimise d(D(x), D(G(z))) + sum of weight * penalty
 *         [weights clipped afterwards]
 *     G:  z as the objective says, that of the last D update or new noise;
 *         minimise adversarial * g(D(G(z))) [+ weight * mode seeking] [+ sum of weight * term]
 *
 * With n_critic below 1 D rests in some steps: G is judged by it as ever, on new noise (or images).
 *
 * Numbers that are schedules are taken at the number of finished generator steps. With `noise` s, D
 * judges x + s n, n normal and new for each judgement (arXiv:1610.04490); penalties are taken at the
 * images themselves. Penalties on gradients enter every penalty_every-th D update, so many times
 * heavier (arXiv:1912.04958, section 3.1). Spectral norms of D are brought up to date by one power
 * iteration before each of its updates, those of G before each step.
 *
 * Tasks: `generate` as above. `superres` and `translate` have images in place of z, those of the
 * batch made smaller by `scale`, or the other halves of its pictures, and a target for each of G's
 * images; the discriminator of `translate` sees the source beside the image. While the adversarial
 * weight is 0 D rests in every step, and is not asked.
 *
 * `cycle` has twin networks: G there and F back, D for the images of G and D' for those of F, between
 * the halves of pictures that are no pairs. D's loss is the sum of both ways'; so is G's, with its
 * terms, which say how far F(G(x)) is from x, and G(y) from y that is there already. Half of the time D
 * is shown images of earlier steps (`image_pool`). Losses and terms in a report are sums of both ways,
 * its rankings means, its scores those of the way back.
 *
 * A trainer borrows data set and networks and owns optimizers, averages and counters. All that is
 * random is a function of the seed and the counters, so gan_trainer_save() and gan_trainer_load()
 * restore a run to the bit. */
#ifndef GAN_TRAINER_H
#define GAN_TRAINER_H

#include "gan/config.h"
#include "gan/dataset.h"
#include "gan/discriminator.h"
#include "gan/generator.h"
#include "gan/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opens the images that a resolved config names, at its size and within its limits. */
GAN_API gan_status gan_config_open_data(const gan_config *config, gan_dataset **out,
                                        gan_error *err);

/* Pictures that lie side by side in one of the data set: 2 where the task has pairs, else 1. 0:
 * there is no such task. */
GAN_API int gan_config_pictures(const gan_config *config);

/* Of a config with a condition: `classes`, where it is 0, becomes the data set's. GAN_EDATA: the set
 * has no labels, or more classes than that. Without a condition nothing happens. */
GAN_API gan_status gan_config_take_classes(gan_config *config, const gan_dataset *data,
                                           gan_error *err);

typedef struct gan_trainer gan_trainer;

/* What a step has seen. A score is the mean of D's output before any sigmoid. */
typedef struct gan_report {
    int64_t step;                  /* finished G steps */
    double d_loss, g_loss;         /* d_loss: mean over the step's D updates; NaN: D rests */
    double score_real, score_fake; /* of the last D update; NaN: D rests */
    double score_holdout;          /* when last looked at; NaN: not yet */
    double auc; /* gan_balance_judgement() of the batches, mean over the D updates; or NaN */
    double auc_holdout;              /* of held-out images and the G update's; NaN: not yet */
    double balance;                  /* the level of --n-critic auto; NaN: off */
    double augment_p;                /* strength of augmentation; NaN: none */
    double grad_norm_d, grad_norm_g; /* L2, before clipping; D's NaN: it rests */
    int term_count; /* of G's loss, beside the objective's: without their weights */
    struct {
        const char *name;
        double value;
    } terms[GAN_TERMS];
    double lr_d, lr_g;
    int64_t n_critic;
    double images_per_second; /* real images, this step */
    double seconds;           /* since the trainer was created */
} gan_report;

/* For a resolved config. The networks' weights are taken as they are (see gan_trainer_initialise).
 * GAN_EINVAL, GAN_EDATA (batch larger than the set, sizes that disagree), GAN_EMODEL (a penalty on
 * a critic that mixes images), GAN_ENOMEM. */
GAN_API gan_status gan_trainer_create(const gan_config *config, gan_generator *g,
                                      gan_discriminator *d, gan_dataset *data, gan_trainer **out,
                                      gan_error *err);
GAN_API void gan_trainer_free(gan_trainer *tr);

/* Draws all weights from the config's seed, or loads them from its init_from. */
GAN_API gan_status gan_trainer_initialise(gan_trainer *tr, gan_error *err);

/* One step. GAN_EDIVERGED names the layer where a value that is not finite first appeared; the
 * weights are then those before the failing update. After any error the trainer should be freed, or
 * loaded from a checkpoint. */
GAN_API gan_status gan_trainer_step(gan_trainer *tr, gan_report *report, gan_error *err);

/* How far the run is, from 0 to 1, by the limit that will be reached first. */
GAN_API double gan_trainer_progress(const gan_trainer *tr);

/* Have steps, epochs or minutes of the config been reached? */
GAN_API int gan_trainer_done(const gan_trainer *tr);

GAN_API int64_t gan_trainer_steps(const gan_trainer *tr);
GAN_API const gan_config *gan_trainer_config(const gan_trainer *tr);
GAN_API gan_generator *gan_trainer_generator(gan_trainer *tr);
GAN_API gan_discriminator *gan_trainer_discriminator(gan_trainer *tr);

/* Images of the fixed noise, [sample_count,H,W,C], from the averaged generator if there is an
 * average. */
GAN_API gan_status gan_trainer_sample(gan_trainer *tr, gan_real *images, gan_error *err);
GAN_API gan_status gan_trainer_write_samples(gan_trainer *tr, const char *path, gan_error *err);

/* All state, to and from one file; and the two networks (the generator averaged) for use elsewhere.
 * See gan/checkpoint.h. Values that are not finite are never saved: GAN_EDIVERGED names them, and
 * the files stay as they were. The checkpoint holds the settings that the state depends on; its
 * bytes depend on nothing else, not on the number of threads, but for the memory of the doctor, if
 * there is one (gan/doctor.h). */
GAN_API gan_status gan_trainer_save(gan_trainer *tr, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_load(gan_trainer *tr, const char *path, gan_error *err);
GAN_API gan_status gan_trainer_save_networks(gan_trainer *tr, const char *generator_path,
                                             const char *discriminator_path, gan_error *err);

/* Memory of the trainer's tape, for measurements. */
GAN_API gan_tape_usage gan_trainer_memory(const gan_trainer *tr);

/* Attaches a borrowed profile (NULL: none): the steps that follow are charged to it, in the parts
 * "data", "D on real", "G forward", "D on fake", "penalty", "update D", "G step" (D's judgement of
 * G's images, and the gradients of both), "update G" and "D on held-out". */
GAN_API void gan_trainer_profile(gan_trainer *tr, gan_profile *p);

#ifdef __cplusplus
}
#endif
#endif
