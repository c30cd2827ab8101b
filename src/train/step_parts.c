/* SPDX-License-Identifier: MIT
 *
 * What the updates of D and G have in common. What is random is keyed by the counters: batch k of D's
 * update s has the number s * accumulate + k in its streams, so nothing but the counters has to be
 * saved. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "kernel/pointwise.h"
#include "train/step.h"

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

void gan__draw_noise(gan_trainer *tr, uint32_t stream, int64_t number) {
    gan_rng r = gan_rng_make((uint64_t)tr->config.seed, stream, (uint64_t)number);
    gan_real *z = gan_tensor_edit(tr->input);
    size_t n = (size_t)gan_tensor_size(tr->input);
    if (tr->config.uniform_z)
        gan_rng_fill_uniform(&r, z, n, -1, 1);
    else
        gan_rng_fill_normal(&r, z, n, 0, 1);
    gan_profile_mark(tr->tape->profile, "data", "noise", 0, bytes_of(tr->input));
}

double gan__mean(const gan_tensor *x) {
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_size(x); i++) sum += (double)gan_tensor_data(x)[i];
    return x ? sum / (double)gan_tensor_size(x) : 0;
}

gan_status gan__next_batch(gan_trainer *tr, int64_t number, gan_error *err) {
    gan_status s = gan_loader_next(tr->loader, gan_tensor_edit(tr->batch), tr->labels, err);
    if (s) return s;
    gan_profile_mark(tr->tape->profile, "data", "next batch", 0, bytes_of(tr->batch));
    gan_tape_reset(tr->tape);
    if (tr->task->take)
        tr->task->take(tr);
    else
        gan__draw_noise(tr, GAN__STREAM_NOISE_D, number);
    return GAN_OK;
}

gan_tensor *gan__source(const gan_trainer *tr, const gan_pass *pass) {
    return pass->back ? tr->real : tr->input;
}

gan_tensor *gan__target(const gan_trainer *tr, const gan_pass *pass) {
    return pass->back ? tr->input : tr->real;
}

gan_tensor *gan__generate(gan_trainer *tr, int record, const gan_pass *pass) {
    int was = gan_tape_record(tr->tape, record);
    gan_tape_push(tr->tape, "generator");
    gan_tensor *x = gan_generator_forward(tr->tape, tr->g, gan__source(tr, pass), NULL, pass);
    gan_tape_pop(tr->tape);
    gan_tape_record(tr->tape, was);
    return x;
}

gan_rng gan__rng_of(const gan_trainer *tr, uint32_t stream, uint64_t number) {
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

gan_tensor *gan__seen(gan_trainer *tr, gan_tensor *x) {
    return tr->task->beside ? gan_concat(tr->tape, 2, (gan_tensor *[]){tr->input, x}, -1) : x;
}

gan_judgement gan__judge(gan_trainer *tr, gan_tensor *x, gan_rng *blur, const gan_pass *pass) {
    gan_tape_push(tr->tape, "discriminator");
    x = blurred(tr, x, blur);
    gan_judgement j = gan_discriminator_forward(tr->tape, tr->d, x, NULL, pass);
    gan_tape_pop(tr->tape);
    return j;
}

int gan__judges(const gan_trainer *tr) {
    return gan_schedule_at(&tr->adversarial, tr->g_steps) != 0;
}

gan_tensor *gan__classified(gan_trainer *tr, gan_tensor *loss, const gan_judgement *j) {
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
        gan__generate(tr, 1, &pass);
    }
    const gan__node *node = first_not_finite(tr->tape);
    return gan__fail(
        err, GAN_EDIVERGED,
        "step %lld: the loss of the %s is not finite, first seen in %s %s; try a lower "
        "learning rate",
        (long long)tr->g_steps + 1, name, node ? node->op->name : "an operation",
        node && node->scope ? node->scope : "of the loss");
}

gan_status gan__settle(gan_trainer *tr, const char *name, const gan_tensor *loss, gan_error *err) {
    gan_tape *t = tr->tape;
    if (gan__tape_failed(t, err)) return gan_tape_status(t);
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

void gan__charge(gan_trainer *tr, const gan__side *side, const char *op, int moved) {
    if (!tr->tape->profile) return;
    double n = weights(side);
    gan_profile_mark(tr->tape->profile, side == &tr->ds ? "update D" : "update G", op, n,
                     moved * n * (double)sizeof(gan_real));
}

/* side->grads = gradient of loss / accumulate; with accumulation added to the sums, and these take
 * their place. */
void gan__backward(gan_trainer *tr, gan__side *side, gan_tensor *loss, int64_t k) {
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
    if (side->sums) gan__charge(tr, side, "sum of gradients", 3);
}

gan_status gan__update(gan_trainer *tr, gan__side *side, const char *name, double *norm,
                       gan_error *err) {
    gan_status s = gan_optimizer_step(side->optimizer, side->grads, side->lr,
                                      gan_tape_threads(tr->tape), norm, err);
    if (s) return gan__prefix(err, s, "step %lld, %s", (long long)tr->g_steps + 1, name);
    gan__charge(tr, side, updates[tr->config.optimizer].name, updates[tr->config.optimizer].moved);
    return GAN_OK;
}

int gan__reuses_fakes(const gan_trainer *tr) {
    return !tr->objective->fresh_noise && tr->config.accumulate == 1 && !tr->task->both_ways;
}

/* From one to the next the place moves on by one more: else those of a map could all be of one edge. */
size_t gan__ranked(const gan_tensor *scores, gan_real kept[GAN__KEPT_SCORES]) {
    size_t all = (size_t)gan_tensor_size(scores);
    size_t n = all < GAN__KEPT_SCORES ? all : GAN__KEPT_SCORES;
    for (size_t i = 0; i < n; i++) kept[i] = gan_tensor_data(scores)[i * all / n + i % (all / n)];
    return n;
}
