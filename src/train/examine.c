/* SPDX-License-Identifier: MIT
 *
 * The trainer and its doctor: the figures that it is shown. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/sampler.h"
#include "train/task/task.h"

#define LOOKED_AT 64 /* images; 2016 pairs of them tell diversity to a few hundredths */

/* --- diversity --- */

/* Of images of the set: from a loader of its own, so that the run's stays where it is. */
static gan_status diversity_of_data(gan_trainer *tr, int64_t size, gan_real *images,
                                    gan_error *err) {
    size_t n = gan_dataset_train_count(tr->data);
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *loader;
    o.batch = n < LOOKED_AT ? (int)n : LOOKED_AT;
    o.seed = (uint64_t)tr->config.seed;
    o.prefetch = 0;
    gan_status s = gan_loader_create(tr->data, &o, &loader, err);
    if (s) return s;
    s = gan_loader_next(loader, images, NULL, err);
    if (!s) tr->diversity_real = n > 1 ? gan_diversity(o.batch, size, images) : 0;
    gan_loader_free(loader);
    return s;
}

/* Of the generator as it is: an average lags behind, and its beginning looks like a collapse. */
static gan_status diversity_of_samples(gan_trainer *tr, int64_t size, gan_real *images,
                                       double *diversity, gan_error *err) {
    gan_real *z = gan__alloc(LOOKED_AT * (size_t)gan_generator_config(tr->g)->nz, sizeof *z);
    if (!z) return gan__fail_memory(err);
    gan_sample_noise(tr->g, (uint64_t)tr->config.seed, 0, LOOKED_AT, z);
    gan_status s = gan_sample(tr->g, z, NULL, LOOKED_AT, images, gan_tape_threads(tr->tape), err);
    if (!s) *diversity = gan_diversity(LOOKED_AT, size, images);
    gan__free(z);
    return s;
}

static gan_status diversities(gan_trainer *tr, gan_vitals *v, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    int64_t size = n->height * n->width * n->channels;
    gan_real *images = gan__alloc(LOOKED_AT * (size_t)size, sizeof *images);
    if (!images) return gan__fail_memory(err);
    gan_status s = GAN_OK;
    if (isnan(tr->diversity_real)) s = diversity_of_data(tr, size, images, err);
    if (!s) s = diversity_of_samples(tr, size, images, &v->diversity_fake, err);
    v->diversity_real = tr->diversity_real;
    gan__free(images);
    return s;
}

/* --- updates --- */

/* Root mean square of the kernels: biases begin at 0, and the factors of a norm at 1. */
static double kernel_size(const gan__side *side, double *count) {
    double sum = 0, n = 0;
    for (int i = 0; i < gan_optimizer_count(side->optimizer); i++) {
        const gan_tensor *w = gan_optimizer_tensors(side->optimizer)[i];
        const gan_real *x = gan_tensor_data(w);
        if (gan_tensor_rank(w) < 2) continue;
        for (int64_t k = 0; k < gan_tensor_size(w); k++) sum += (double)x[k] * (double)x[k];
        n += (double)gan_tensor_size(w);
    }
    *count = n;
    return n > 0 ? sqrt(sum / n) : 0;
}

/* Adam and RMSprop move a weight by about the rate, SGD by the rate times its gradient. */
static double update_ratio(const gan_trainer *tr, const gan__side *side, double lr, double norm) {
    double count, size = kernel_size(side, &count);
    double limit = tr->config.clip_norm;
    if (limit > 0 && norm > limit) norm = limit;
    double moved = tr->config.optimizer == GAN_SGD ? lr * norm / sqrt(count) : lr;
    return size > 0 ? moved / size : (double)NAN;
}

gan_status gan_trainer_examine(gan_trainer *tr, const gan_report *r, gan_finding *found, int *count,
                               gan_error *err) {
    gan_vitals v = GAN_VITALS_UNKNOWN;
    int due = tr->doctor && gan_doctor_due(tr->doctor, r->step);
    *count = 0;
    if (!r->n_critic) return GAN_OK; /* D rests */
    if (due) {
        gan_status s = tr->task->take ? GAN_OK : diversities(tr, &v, err);
        if (s) return s;
        v.update_d = update_ratio(tr, &tr->ds, r->lr_d, r->grad_norm_d);
        v.update_g = update_ratio(tr, &tr->gs, r->lr_g, r->grad_norm_g);
    }
    if (tr->doctor) *count = gan_doctor_look(tr->doctor, r, due ? &v : NULL, found);
    return GAN_OK;
}

/* --- the trainer's own --- */

/* The objective's loss where D cannot tell: 0 for one without a bottom, as wgan's. */
static gan_status chance(const gan_trainer *tr, double *out, gan_error *err) {
    gan_tape *t = gan_tape_create(1);
    int64_t one = 1;
    gan_tensor *zero = t ? gan_full(t, 1, &one, 0) : NULL;
    const gan_tensor *loss = zero ? tr->objective->d(t, &tr->loss, zero, zero) : NULL;
    if (loss) *out = fmax(0, gan_tensor_item(loss));
    gan_tape_free(t);
    return loss ? GAN_OK : gan__fail_memory(err);
}

gan_status gan__doctor_start(gan_trainer *tr, gan_error *err) {
    gan_doctor_options o = GAN_DOCTOR_OPTIONS_DEFAULTS;
    tr->diversity_real = (double)NAN;
    if (!tr->config.doctor_every) return GAN_OK;
    o.every = tr->config.doctor_every;
    o.batch = tr->config.batch * tr->config.accumulate;
    o.images = (int64_t)gan_dataset_train_count(tr->data);
    o.logits = tr->objective->logits;
    gan_status s = chance(tr, &o.chance, err);
    return s ? s : gan_doctor_create(&o, &tr->doctor, err);
}
