/* SPDX-License-Identifier: MIT
 *
 * The two updates. What is random in them is keyed by the counters: batch k of D's update s has the
 * number s * accumulate + k in its streams, so nothing but the counters has to be saved. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "gan/diversity.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "kernel/pointwise.h"
#include "nn/internal.h"
#include "tensor/internal.h"
#include "train/internal.h"

/* --- failures --- */

static int is_finite(const gan_tensor *x) {
    for (int64_t i = 0; x && x->data && i < x->size; i++)
        if (!isfinite(x->data[i])) return 0;
    return 1;
}

/* The first layer on the tape with a value that is not finite. */
static const gan__node *first_not_finite(const gan_tape *t) {
    for (size_t i = 0; i < t->node_count; i++)
        if (!is_finite(t->nodes[i]->out)) return t->nodes[i];
    return NULL;
}

/* --- pieces --- */

static double bytes_of(const gan_tensor *x) {
    return (double)gan_tensor_size(x) * (double)sizeof(gan_real);
}

static void draw_noise(gan_trainer *tr, uint32_t stream, int64_t number) {
    gan_rng r = gan_rng_make((uint64_t)tr->config.seed, stream, (uint64_t)number);
    gan_real *z = gan_tensor_edit(tr->noise);
    size_t n = (size_t)gan_tensor_size(tr->noise);
    if (tr->config.uniform_z)
        gan_rng_fill_uniform(&r, z, n, -1, 1);
    else
        gan_rng_fill_normal(&r, z, n, 0, 1);
    gan_profile_mark(tr->tape->profile, "data", "noise", 0, bytes_of(tr->noise));
}

static double mean(const gan_tensor *x) {
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_size(x); i++) sum += (double)gan_tensor_data(x)[i];
    return x ? sum / (double)gan_tensor_size(x) : 0;
}

static gan_tensor *generate(gan_trainer *tr, int record, const gan_pass *pass) {
    int was = gan_tape_record(tr->tape, record);
    gan_tape_push(tr->tape, "generator");
    gan_tensor *x = gan_generator_forward(tr->tape, tr->g, tr->noise, NULL, pass);
    gan_tape_pop(tr->tape);
    gan_tape_record(tr->tape, was);
    return x;
}

static gan_rng rng_of(const gan_trainer *tr, uint32_t stream, uint64_t number) {
    return gan_rng_make((uint64_t)tr->config.seed, stream, number);
}

/* x + noise: what is judged. The clear images have the same place as ever on the record. */
static gan_tensor *blurred(gan_trainer *tr, gan_tensor *x, gan_rng *rng) {
    double deviation = gan_schedule_at(&tr->critic_noise, tr->g_steps);
    int64_t dim[4];
    if (!x || deviation == 0) return x;
    for (int i = 0; i < 4; i++) dim[i] = gan_tensor_dim(x, i);
    gan_tensor *noise = gan_input(tr->tape, 4, dim, NULL);
    if (!noise) return NULL;
    gan_rng_fill_normal(rng, gan_tensor_edit(noise), (size_t)noise->size, 0, deviation);
    return gan_add(tr->tape, x, noise);
}

static gan_judgement judge(gan_trainer *tr, gan_tensor *x, gan_rng *blur, const gan_pass *pass) {
    gan_tape_push(tr->tape, "discriminator");
    x = blurred(tr, x, blur);
    gan_judgement j = gan_discriminator_forward(tr->tape, tr->d, x, NULL, pass);
    gan_tape_pop(tr->tape);
    return j;
}

/* loss + weight * cross-entropy of the classes that D sees (ACGAN), where it has such an output. */
static gan_tensor *classified(gan_trainer *tr, gan_tensor *loss, const gan_judgement *j) {
    double weight = gan_schedule_at(&tr->classify, tr->g_steps);
    if (!j->classes || weight == 0) return loss;
    gan_tensor *ce = gan_cross_entropy(tr->tape, j->classes, tr->labels);
    return gan_add(tr->tape, loss, gan_scale(tr->tape, ce, weight));
}

/* Where a loss that is not finite began. Where the images of the generator are the cause and their
 * making was not recorded, they are made again on record. */
static gan_status diverged(gan_trainer *tr, const char *name, gan_error *err) {
    const gan_pass pass = {.training = 1, .labels = tr->labels};
    if (tr->fakes && !tr->fakes->node && !is_finite(tr->fakes)) {
        gan_tape_reset(tr->tape);
        generate(tr, 1, &pass);
    }
    const gan__node *node = first_not_finite(tr->tape);
    return gan__fail(
        err, GAN_EDIVERGED,
        "step %lld: the loss of the %s is not finite, first seen in %s %s; try a lower "
        "learning rate",
        (long long)tr->g_steps + 1, name, node ? node->op->name : "an operation",
        node && node->scope ? node->scope : "of the loss");
}

/* Moves the tape's failure to err; a loss that is not finite is one too. */
static gan_status settle(gan_trainer *tr, const char *name, const gan_tensor *loss,
                         gan_error *err) {
    gan_tape *t = tr->tape;
    if (gan_tape_status(t))
        return gan__fail(err, gan_tape_status(t), "%s", gan_tape_error(t)->text);
    return isfinite(gan_tensor_item(loss)) ? GAN_OK : diverged(tr, name, err);
}

/* What an update passes through memory: elements read and written for one of a weight's, with the
 * reading of its gradient for the norm. */
static const struct {
    const char *name;
    int moved;
} updates[] = {
    [GAN_ADAM] = {"adam", 8},
    [GAN_RMSPROP] = {"rmsprop", 6},
    [GAN_SGD] = {"sgd", 6},
};

static double weights(const gan__side *side) {
    double n = 0;
    for (int i = 0; i < gan_optimizer_count(side->optimizer); i++)
        n += (double)gan_tensor_size(gan_optimizer_tensors(side->optimizer)[i]);
    return n;
}

/* Work on the weights of a side, each element of which moved that many. */
static void charge(gan_trainer *tr, const gan__side *side, const char *op, int moved) {
    if (!tr->tape->profile) return;
    double n = weights(side);
    gan_profile_mark(tr->tape->profile, side == &tr->ds ? "update D" : "update G", op, n,
                     moved * n * (double)sizeof(gan_real));
}

/* side->grads = gradient of loss / accumulate; with accumulation added to the sums, and these take
 * their place. */
static void backward(gan_trainer *tr, gan__side *side, gan_tensor *loss, int64_t k) {
    gan_tape *t = tr->tape;
    int n = gan_optimizer_count(side->optimizer);
    if (tr->config.accumulate > 1) loss = gan_scale(t, loss, 1.0 / (double)tr->config.accumulate);
    if (gan_grad(t, loss, NULL, n, gan_optimizer_tensors(side->optimizer), side->grads, 0)) return;
    for (int i = 0; side->sums && i < n; i++) {
        gan_real *sum = gan_tensor_edit(side->sums[i]);
        const gan_real *g = gan_tensor_data(side->grads[i]);
        int64_t size = gan_tensor_size(side->sums[i]);
        if (k)
            gan__accumulate(size, g, sum, gan_tape_threads(t));
        else
            memcpy(sum, g, (size_t)size * sizeof *sum);
        side->grads[i] = side->sums[i];
    }
    if (side->sums) charge(tr, side, "sum of gradients", 3);
}

static gan_status update(gan_trainer *tr, gan__side *side, const char *name, double *norm,
                         gan_error *err) {
    gan_status s = gan_optimizer_step(side->optimizer, side->grads, side->lr,
                                      gan_tape_threads(tr->tape), norm, err);
    if (s) return gan__prefix(err, s, "step %lld, %s", (long long)tr->g_steps + 1, name);
    charge(tr, side, updates[tr->config.optimizer].name, updates[tr->config.optimizer].moved);
    return GAN_OK;
}

/* --- D --- */

/* Does G's step judge the images of the last D update again, on the same record? */
static int reuses_fakes(const gan_trainer *tr) {
    return !tr->objective->fresh_noise && tr->config.accumulate == 1;
}

/* loss + each penalty that is due, times its weight now. */
static gan_tensor *penalised(gan_trainer *tr, gan_tensor *loss, const gan_penalty_inputs *in) {
    gan_tape *t = tr->tape;
    gan_tape_part(t, "penalty", NULL);
    gan_tape_push(t, "discriminator");
    for (int i = 0; i < tr->penalties.count; i++) {
        const gan_penalty *p = tr->penalties.item[i].penalty;
        double weight = gan_schedule_at(&tr->penalties.item[i].weight, tr->g_steps);
        int64_t every = p->per_image ? tr->config.penalty_every : 1;
        if (weight > 0 && tr->d_steps % every == 0)
            loss = gan_add(t, loss, gan_scale(t, p->run(t, in), weight * (double)every));
    }
    gan_tape_pop(t);
    return loss;
}

/* How many of the scores are ranked: enough, where a batch is large. */
static size_t ranked(const gan_tensor *scores) {
    size_t n = (size_t)gan_tensor_size(scores);
    return n < GAN__KEPT_SCORES ? n : GAN__KEPT_SCORES;
}

static double judgement(const gan_tensor *real, const gan_tensor *fake) {
    if (!real || !fake) return (double)NAN;
    return gan_balance_judgement(real->data, ranked(real), fake->data, ranked(fake));
}

static gan_tensor *loss_d(gan_trainer *tr, int64_t number, int record_g, const gan_pass *pass,
                          gan_report *r) {
    gan_tape *t = tr->tape;
    gan_rng blur = rng_of(tr, GAN__STREAM_BLUR, 2 * (uint64_t)number);
    gan_rng points = rng_of(tr, GAN__STREAM_PENALTY, (uint64_t)number);
    gan_tape_part(t, "D on real", NULL);
    gan_judgement real = judge(tr, tr->real, &blur, pass);
    gan_tape_part(t, "G forward", "G step");
    gan_tensor *images = generate(tr, record_g, pass);
    gan_tape_part(t, "D on fake", NULL);
    tr->fakes = images;
    gan_tensor *detached = gan_detach(t, images);
    gan_judgement fake = judge(tr, detached, &blur, pass);
    gan_tensor *loss = tr->objective->d(t, &tr->loss, real.scores, fake.scores);
    tr->last_loss = gan_tensor_item(loss);
    loss = classified(tr, classified(tr, loss, &real), &fake);
    const gan_penalty_inputs in = {tr->d, tr->real, detached, real.scores, &points, pass};
    if (tr->penalties.count) loss = penalised(tr, loss, &in);
    gan__augment_watch(tr, real.scores);
    r->score_real = mean(real.scores);
    r->score_fake = mean(fake.scores);
    r->auc += judgement(real.scores, fake.scores) / (double)tr->config.accumulate;
    return loss;
}

static gan_status batch_d(gan_trainer *tr, int64_t k, int record_g, gan_report *r, double *loss,
                          gan_error *err) {
    int64_t number = tr->d_steps * tr->config.accumulate + k;
    gan_rng dropout = rng_of(tr, GAN__STREAM_DROPOUT, 2 * (uint64_t)number);
    gan_rng changes = rng_of(tr, GAN__STREAM_AUGMENT, 2 * (uint64_t)number);
    gan_augment room;
    const gan_pass pass = {1, 1, &dropout, tr->labels, gan__augment_pass(tr, &changes, &room)};
    gan_status s = gan_loader_next(tr->loader, gan_tensor_edit(tr->real), tr->labels, err);
    if (s) return s;
    gan_profile_mark(tr->tape->profile, "data", "next batch", 0, bytes_of(tr->real));
    gan_tape_reset(tr->tape);
    draw_noise(tr, GAN__STREAM_NOISE_D, number);
    gan_tensor *d = loss_d(tr, number, record_g, &pass, r);
    s = settle(tr, "discriminator", d, err);
    if (s) return s;
    *loss += gan_tensor_item(d);
    backward(tr, &tr->ds, d, k);
    return settle(tr, "discriminator", d, err);
}

gan_status gan__step_d(gan_trainer *tr, int last, gan_report *r, gan_error *err) {
    double loss = 0;
    gan_spectral_update(gan_discriminator_root(tr->d), 1);
    for (int64_t k = 0; k < tr->config.accumulate; k++) {
        gan_status s = batch_d(tr, k, last && reuses_fakes(tr), r, &loss, err);
        if (s) return s;
    }
    gan_status s = update(tr, &tr->ds, "discriminator", &r->grad_norm_d, err);
    if (s) return s;
    if (tr->objective->clips) {
        gan_optimizer_clip_weights(tr->ds.optimizer, tr->config.clip, gan_tape_threads(tr->tape));
        charge(tr, &tr->ds, "clip weights", 2);
    }
    r->d_loss += loss / (double)tr->config.accumulate;
    tr->d_steps++;
    return GAN_OK;
}

/* --- G --- */

/* The images to judge: those on the record, or new ones. The noise of the last D update is used
 * again by objectives that share it, also when accumulation keeps their record from being shared.
 */
static gan_tensor *images_g(gan_trainer *tr, int64_t k, const gan_pass *pass) {
    int64_t per_step = tr->config.accumulate;
    if (reuses_fakes(tr)) return tr->fakes;
    tr->fakes = NULL; /* it goes with the reset */
    gan_tape_reset(tr->tape);
    if (tr->objective->fresh_noise)
        draw_noise(tr, GAN__STREAM_NOISE_G, tr->g_steps * per_step + k);
    else
        draw_noise(tr, GAN__STREAM_NOISE_D, (tr->d_steps - 1) * per_step + k);
    gan_tape_part(tr->tape, "G forward", "G step");
    return generate(tr, 1, pass);
}

/* For the look at held-out images. */
static void keep_scores(gan_trainer *tr, const gan_tensor *fake) {
    tr->fake_score_count = ranked(fake);
    if (fake) memcpy(tr->fake_scores, fake->data, tr->fake_score_count * sizeof *fake->data);
}

static gan_status batch_g(gan_trainer *tr, int64_t k, double *loss, gan_error *err) {
    int64_t number = tr->g_steps * tr->config.accumulate + k;
    gan_rng dropout = rng_of(tr, GAN__STREAM_DROPOUT, 2 * (uint64_t)number + 1);
    gan_rng blur = rng_of(tr, GAN__STREAM_BLUR, 2 * (uint64_t)number + 1);
    double seeking = gan_schedule_at(&tr->mode_seeking, tr->g_steps);
    gan_rng changes = rng_of(tr, GAN__STREAM_AUGMENT, 2 * (uint64_t)number + 1);
    gan_augment room;
    const gan_pass pass = {1, 1, &dropout, tr->labels, gan__augment_pass(tr, &changes, &room)};
    gan_tensor *images = images_g(tr, k, &pass);
    gan_tape_part(tr->tape, "G step", NULL);
    gan_tensor *real = tr->objective->needs_real ? judge(tr, tr->real, &blur, &pass).scores : NULL;
    gan_judgement fake = judge(tr, images, &blur, &pass);
    gan_tensor *g = tr->objective->g(tr->tape, &tr->loss, real, fake.scores);
    g = classified(tr, g, &fake);
    if (seeking > 0)
        g = gan_add(tr->tape, g,
                    gan_scale(tr->tape, gan_mode_seeking(tr->tape, images, tr->noise), seeking));
    keep_scores(tr, fake.scores);
    gan_status s = settle(tr, "generator", g, err);
    if (s) return s;
    *loss += gan_tensor_item(g);
    backward(tr, &tr->gs, g, k);
    return settle(tr, "generator", g, err);
}

gan_status gan__step_g(gan_trainer *tr, gan_report *r, gan_error *err) {
    double loss = 0;
    for (int64_t k = 0; k < tr->config.accumulate; k++) {
        gan_status s = batch_g(tr, k, &loss, err);
        if (s) return s;
    }
    gan_status s = update(tr, &tr->gs, "generator", &r->grad_norm_g, err);
    if (s) return s;
    if (tr->ema) {
        gan_ema_update(tr->ema, gan_tape_threads(tr->tape));
        charge(tr, &tr->gs, "average", 3);
    }
    r->g_loss = loss / (double)tr->config.accumulate;
    tr->g_steps++;
    return GAN_OK;
}

/* --- held-out images --- */

/* In training mode, so that the score compares with those of the step, but without dropout and
 * without a trace in the running statistics. Each look takes the next batch. The generated images
 * that they are ranked among were judged by the same D. */
gan_status gan__score_holdout(gan_trainer *tr, gan_error *err) {
    uint64_t look = (uint64_t)(tr->g_steps / tr->config.holdout_every);
    gan_rng changes = rng_of(tr, GAN__STREAM_AUGMENT, UINT64_C(1) << 62 | look);
    gan_augment room;
    const gan_pass pass = {1, 0, NULL, tr->labels, gan__augment_pass(tr, &changes, &room)};
    gan_rng blur = rng_of(tr, GAN__STREAM_BLUR, UINT64_C(1) << 62 | look);
    gan_status s = gan_loader_holdout(tr->loader, look, gan_tensor_edit(tr->real), tr->labels, err);
    if (s) return s;
    gan_tape_reset(tr->tape);
    gan_tape_record(tr->tape, 0);
    gan_tape_part(tr->tape, "D on held-out", NULL);
    gan_tensor *scores = judge(tr, tr->real, &blur, &pass).scores;
    s = gan_tape_status(tr->tape);
    if (s) return gan__fail(err, s, "%s", gan_tape_error(tr->tape)->text);
    tr->score_holdout = (gan_real)mean(scores);
    tr->auc_holdout = (gan_real)gan_balance_judgement(scores->data, ranked(scores), tr->fake_scores,
                                                      tr->fake_score_count);
    return GAN_OK;
}
