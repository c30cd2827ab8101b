/* SPDX-License-Identifier: MIT
 *
 * G's update. */
#include <math.h>

#include "base/error.h"
#include "gan/diversity.h"
#include "gan/pointwise.h"
#include "train/step.h"

/* The images to judge: those on the record, or new ones. The noise of the last D update is used
 * again by objectives that share it, also when accumulation keeps their record from being shared, but
 * for a step in which D rests. */
static gan_tensor *images_g(gan_trainer *tr, int64_t k, int rests, const gan_pass *pass) {
    int64_t per_step = tr->config.accumulate;
    if (gan__reuses_fakes(tr) && tr->fakes) return tr->fakes;
    tr->fakes = NULL; /* it goes with the reset */
    gan_tape_reset(tr->tape);
    if (!tr->task->take && (rests || tr->objective->fresh_noise))
        gan__draw_noise(tr, GAN__STREAM_NOISE_G, tr->g_steps * per_step + k);
    else if (!tr->task->take)
        gan__draw_noise(tr, GAN__STREAM_NOISE_D, (tr->d_steps - 1) * per_step + k);
    gan_tape_part(tr->tape, "G forward", "G step");
    return gan__generate(tr, 1, pass);
}

/* What G's loss is made of: the images, what D says of them and of their targets; of twins also what
 * comes back, and what becomes of a target. */
typedef struct verdict {
    gan_tensor *images, *returned, *same;
    gan_judgement fake, real;
} verdict;

static int judges_target(const gan_trainer *tr) {
    for (int i = 0; i < tr->terms.count; i++)
        if (tr->terms.item[i].term->judges_target) return 1;
    return 0;
}

/* D's part of the loss, times its weight; NULL while that is 0. */
static gan_tensor *adversarial(gan_trainer *tr, const verdict *v) {
    gan_tape *t = tr->tape;
    double weight = gan_schedule_at(&tr->adversarial, tr->g_steps);
    if (weight == 0) return NULL;
    gan_tensor *g = tr->objective->g(t, &tr->loss, v->real.scores, v->fake.scores);
    g = gan__classified(tr, g, &v->fake);
    return weight == 1 ? g : gan_scale(t, g, weight);
}

static gan_tensor *plus(gan_tape *t, gan_tensor *loss, gan_tensor *term, double weight) {
    gan_tensor *scaled = gan_scale(t, term, weight);
    return loss ? gan_add(t, loss, scaled) : scaled;
}

static gan_tensor *loss_g(gan_trainer *tr, const verdict *v, const gan_pass *pass, gan_report *r) {
    gan_tape *t = tr->tape;
    double seeking = gan_schedule_at(&tr->mode_seeking, tr->g_steps);
    const gan_term_inputs in = {.images = v->images,
                                .target = gan__target(tr, pass),
                                .image_features = v->fake.features,
                                .target_features = v->real.features,
                                .vgg = tr->vgg,
                                .source = gan__source(tr, pass),
                                .returned = v->returned,
                                .same = v->same};
    gan_tensor *g = adversarial(tr, v);
    if (seeking > 0) g = plus(t, g, gan_mode_seeking(t, v->images, tr->input), seeking);
    r->term_count = tr->terms.count;
    for (int i = 0; i < tr->terms.count; i++) {
        const gan_term *row = tr->terms.item[i].term;
        r->terms[i].name = row->name;
        if (row->judges_target && !gan__judges(tr)) continue; /* D knows nothing yet */
        gan_tensor *term = row->run(t, &in);
        r->terms[i].value += gan_tensor_item(term) / (double)tr->config.accumulate;
        g = plus(t, g, term, gan_schedule_at(&tr->terms.item[i].weight, tr->g_steps));
    }
    return g;
}

/* Is there a term that asks what becomes of a target? */
static int compares_targets(const gan_trainer *tr) {
    for (int i = 0; i < tr->terms.count; i++)
        if (tr->terms.item[i].term->wants_same) return 1;
    return 0;
}

/* Through the twins: back again, and what is there already. */
static void go_round(gan_trainer *tr, verdict *v, const gan_pass *pass) {
    gan_pass other = *pass;
    other.back = !pass->back;
    gan_tape_push(tr->tape, "generator");
    v->returned = gan_generator_forward(tr->tape, tr->g, v->images, NULL, &other);
    if (compares_targets(tr))
        v->same = gan_generator_forward(tr->tape, tr->g, gan__target(tr, pass), NULL, pass);
    gan_tape_pop(tr->tape);
}

/* D of images and of their targets. A term that compares what it sees in both wants both augmented
 * alike: the same numbers are drawn again. */
static void judge(gan_trainer *tr, verdict *v, gan_rng *blur, const gan_pass *pass) {
    gan_rng *changes = pass->augment ? pass->augment->rng : NULL;
    gan_rng before = changes ? *changes : *blur;
    if (tr->objective->needs_real || judges_target(tr))
        v->real = gan__judge(tr, gan__seen(tr, gan__target(tr, pass)), blur, pass);
    if (changes && judges_target(tr)) *changes = before;
    v->fake = gan__judge(tr, gan__seen(tr, v->images), blur, pass);
}

/* The loss of one way, with the images that are there already; NULL: they are made. */
static gan_tensor *one_way(gan_trainer *tr, gan_tensor *images, gan_rng *blur, const gan_pass *pass,
                           gan_report *r) {
    verdict v = {.images = images ? images : gan__generate(tr, 1, pass)};
    gan_tape_part(tr->tape, "G step", NULL);
    if (tr->task->both_ways) go_round(tr, &v, pass);
    if (gan__judges(tr)) judge(tr, &v, blur, pass);
    if (gan__judges(tr) && !pass->back) /* for the look at held-out images */
        tr->fake_score_count = gan__ranked(v.fake.scores, tr->fake_scores);
    return loss_g(tr, &v, pass, r);
}

/* Where D rests its batch is missing: G takes the next one. With accumulation there is the last of D's
 * last update alone, and where G's images have sources, labels or real ones beside them these are
 * drawn again, for the mean of the gradients is over all of them. */
static gan_status take_batch(gan_trainer *tr, int64_t k, int rests, gan_error *err) {
    int64_t n = tr->config.accumulate;
    int again = n > 1 && (tr->task->take || tr->labels || tr->objective->needs_real);
    if (!rests && !again) return GAN_OK;
    tr->fakes = NULL; /* it goes with the reset */
    if (!rests && !k) gan_loader_seek(tr->loader, gan_loader_position(tr->loader) - (uint64_t)n);
    return gan__next_batch(tr, tr->g_steps * n + k, err);
}

static gan_status batch_g(gan_trainer *tr, int64_t k, gan_report *r, double *loss, gan_error *err) {
    int64_t number = tr->g_steps * tr->config.accumulate + k;
    gan_rng dropout = gan__rng_of(tr, GAN__STREAM_DROPOUT, 2 * (uint64_t)number + 1);
    gan_rng blur = gan__rng_of(tr, GAN__STREAM_BLUR, 2 * (uint64_t)number + 1);
    gan_rng changes = gan__rng_of(tr, GAN__STREAM_AUGMENT, 2 * (uint64_t)number + 1);
    gan_augment room;
    gan_pass pass = {1, 1, &dropout, tr->labels, 0, gan__augment_pass(tr, &changes, &room)};
    int rests = !r->n_critic;
    gan_status s = take_batch(tr, k, rests, err);
    if (s) return s;
    gan_tensor *g = one_way(tr, images_g(tr, k, rests, &pass), &blur, &pass, r);
    pass.back = tr->task->both_ways;
    if (pass.back) g = gan_add(tr->tape, g, one_way(tr, NULL, &blur, &pass, r));
    s = gan__settle(tr, "generator", g, err);
    if (s) return s;
    *loss += gan_tensor_item(g);
    gan__backward(tr, &tr->gs, g, k);
    return gan__settle(tr, "generator", g, err);
}

gan_status gan__step_g(gan_trainer *tr, gan_report *r, gan_error *err) {
    double loss = 0;
    for (int64_t k = 0; k < tr->config.accumulate; k++) {
        gan_status s = batch_g(tr, k, r, &loss, err);
        if (s) return s;
    }
    gan_status s = gan__update(tr, &tr->gs, "generator", &r->grad_norm_g, err);
    if (s) return s;
    if (tr->ema) {
        gan_ema_update(tr->ema, gan_tape_threads(tr->tape));
        gan__charge(tr, &tr->gs, "average", 3);
    }
    r->g_loss = loss / (double)tr->config.accumulate;
    tr->g_steps++;
    return GAN_OK;
}
