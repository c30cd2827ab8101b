/* SPDX-License-Identifier: MIT
 *
 * D's update, and its look at held-out images. */
#include <math.h>

#include "gan/layer.h"
#include "gan/pointwise.h"
#include "train/step.h"

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

static double judgement(const gan_tensor *real, const gan_tensor *fake) {
    gan_real a[GAN__KEPT_SCORES], b[GAN__KEPT_SCORES];
    if (!real || !fake) return (double)NAN;
    size_t n = gan__ranked(real, a), m = gan__ranked(fake, b);
    return gan_balance_judgement(a, n, b, m);
}

/* Random numbers of the way back are others than of the way there. */
static uint64_t place(uint64_t number, const gan_pass *pass) {
    return number | (uint64_t)pass->back << 61;
}

/* Of a task with both ways that of one. */
static gan_tensor *loss_d(gan_trainer *tr, int64_t number, int record_g, const gan_pass *pass,
                          gan_report *r) {
    gan_tape *t = tr->tape;
    double part = (1.0 / (double)tr->config.accumulate) / (1 + tr->task->both_ways);
    gan_rng blur = gan__rng_of(tr, GAN__STREAM_BLUR, place(2 * (uint64_t)number, pass));
    gan_rng points = gan__rng_of(tr, GAN__STREAM_PENALTY, place((uint64_t)number, pass));
    gan_tape_part(t, "D on real", NULL);
    gan_tensor *shown = gan__seen(tr, gan__target(tr, pass));
    gan_judgement real = gan__judge(tr, shown, &blur, pass);
    gan_tape_part(t, "G forward", "G step");
    gan_tensor *images = gan__generate(tr, record_g, pass);
    gan_tape_part(t, "D on fake", NULL);
    tr->fakes = images;
    gan_tensor *detached = tr->task->both_ways ? gan__pool_exchange(tr, images, number, pass->back)
                                               : gan__seen(tr, gan_detach(t, images));
    gan_judgement fake = gan__judge(tr, detached, &blur, pass);
    gan_tensor *loss = tr->objective->d(t, &tr->loss, real.scores, fake.scores);
    loss = gan__classified(tr, gan__classified(tr, loss, &real), &fake);
    const gan_penalty_inputs in = {tr->d, shown, detached, real.scores, &points, pass};
    if (tr->penalties.count) loss = penalised(tr, loss, &in);
    gan__augment_watch(tr, real.scores);
    r->score_real = gan__mean(real.scores);
    r->score_fake = gan__mean(fake.scores);
    r->auc += judgement(real.scores, fake.scores) * part;
    return loss;
}

static gan_status batch_d(gan_trainer *tr, int64_t k, int record_g, gan_report *r, double *loss,
                          gan_error *err) {
    int64_t number = tr->d_steps * tr->config.accumulate + k;
    gan_rng dropout = gan__rng_of(tr, GAN__STREAM_DROPOUT, 2 * (uint64_t)number);
    gan_rng changes = gan__rng_of(tr, GAN__STREAM_AUGMENT, 2 * (uint64_t)number);
    gan_augment room;
    gan_pass pass = {1, 1, &dropout, tr->labels, 0, gan__augment_pass(tr, &changes, &room)};
    gan_status s = gan__next_batch(tr, number, err);
    if (s) return s;
    gan_tensor *d = loss_d(tr, number, record_g, &pass, r);
    pass.back = tr->task->both_ways;
    if (pass.back) d = gan_add(tr->tape, d, loss_d(tr, number, 0, &pass, r));
    s = gan__settle(tr, "discriminator", d, err);
    if (s) return s;
    *loss += gan_tensor_item(d);
    gan__backward(tr, &tr->ds, d, k);
    return gan__settle(tr, "discriminator", d, err);
}

gan_status gan__step_d(gan_trainer *tr, int last, gan_report *r, gan_error *err) {
    double loss = 0;
    gan_spectral_update(gan_discriminator_root(tr->d), 1);
    for (int64_t k = 0; k < tr->config.accumulate; k++) {
        gan_status s = batch_d(tr, k, last && gan__reuses_fakes(tr), r, &loss, err);
        if (s) return s;
    }
    gan_status s = gan__update(tr, &tr->ds, "discriminator", &r->grad_norm_d, err);
    if (s) return s;
    if (tr->objective->clips) {
        gan_optimizer_clip_weights(tr->ds.optimizer, tr->config.clip, gan_tape_threads(tr->tape));
        gan__charge(tr, &tr->ds, "clip weights", 2);
    }
    r->d_loss += loss / (double)tr->config.accumulate;
    tr->d_steps++;
    return GAN_OK;
}

/* --- held-out images --- */

/* In training mode, so that the score compares with those of the step, but without dropout and
 * without a trace in the running statistics. Each look takes the next batch. The generated images
 * that they are ranked among were judged by the same D. */
gan_status gan__score_holdout(gan_trainer *tr, gan_error *err) {
    uint64_t look = (uint64_t)(tr->g_steps / tr->config.holdout_every);
    gan_rng changes = gan__rng_of(tr, GAN__STREAM_AUGMENT, UINT64_C(1) << 62 | look);
    gan_augment room;
    gan_real ranked[GAN__KEPT_SCORES];
    const gan_pass pass = {1, 0, NULL, tr->labels, 0, gan__augment_pass(tr, &changes, &room)};
    gan_rng blur = gan__rng_of(tr, GAN__STREAM_BLUR, UINT64_C(1) << 62 | look);
    gan_status s =
        gan_loader_holdout(tr->loader, look, gan_tensor_edit(tr->batch), tr->labels, err);
    if (s) return s;
    if (tr->task->take) tr->task->take(tr);
    gan_tape_reset(tr->tape);
    gan_tape_record(tr->tape, 0);
    gan_tape_part(tr->tape, "D on held-out", NULL);
    gan_tensor *scores = gan__judge(tr, gan__seen(tr, tr->real), &blur, &pass).scores;
    s = gan__tape_failed(tr->tape, err);
    if (s) return s;
    tr->score_holdout = (gan_real)gan__mean(scores);
    size_t n = gan__ranked(scores, ranked);
    tr->auc_holdout =
        (gan_real)gan_balance_judgement(ranked, n, tr->fake_scores, tr->fake_score_count);
    return GAN_OK;
}
