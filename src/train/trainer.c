/* SPDX-License-Identifier: MIT */
#include "gan/trainer.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "gan/checkpoint.h"
#include "gan/conv2d.h"
#include "gan/layer.h"
#include "gan/sampler.h"
#include "nn/internal.h"
#include "tensor/internal.h"
#include "train/step.h"

/* --- creation --- */

static gan_status create_side(gan_trainer *tr, gan__side *side, gan_parameters *p, gan_error *err) {
    const gan_config *c = &tr->config;
    gan_optimizer_config oc = GAN_OPTIMIZER_DEFAULTS;
    oc.kind = (gan_optimizer_kind)c->optimizer;
    oc.beta1 = c->beta1, oc.beta2 = c->beta2, oc.eps = c->eps, oc.clip_norm = c->clip_norm;
    oc.weight_decay = c->weight_decay;
    gan_status s = gan_optimizer_create(&oc, p, &side->optimizer, err);
    if (s) return s;
    size_t n = (size_t)gan_optimizer_count(side->optimizer);
    side->grads = gan__zalloc(n, sizeof *side->grads);
    if (!side->grads) return gan__fail_memory(err);
    if (c->accumulate == 1) return GAN_OK;
    side->sums = gan__zalloc(n, sizeof *side->sums);
    for (size_t i = 0; i < n && side->sums; i++) {
        int64_t size = gan_tensor_size(gan_optimizer_tensors(side->optimizer)[i]);
        side->sums[i] = gan_tensor_create(1, &size);
        if (!side->sums[i]) return gan__fail_memory(err);
    }
    return side->sums ? GAN_OK : gan__fail_memory(err);
}

static gan_status create_loader(gan_trainer *tr, gan_error *err) {
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    o.batch = (int)tr->config.batch;
    o.flip = tr->config.flip;
    o.across = tr->task->pictures;
    o.seed = (uint64_t)tr->config.seed;
    return gan_loader_create(tr->data, &o, &tr->loader, err);
}

static gan_status read_penalties(gan_trainer *tr, gan_error *err) {
    gan_status s = gan_penalties_parse(tr->config.penalty, &tr->penalties, err);
    if (!s && gan_penalties_per_image(&tr->penalties) &&
        gan_discriminator_mixes_batch(tr->d) & GAN_MIXES_STATISTICS)
        return gan__fail(err, GAN_EMODEL,
                         "penalty %.80s is on the gradient of each image, but the critic has batch "
                         "norm, which mixes them; use layer, instance or none",
                         tr->config.penalty);
    return s;
}

static gan_status read_terms(gan_trainer *tr, gan_error *err) {
    gan_status s = gan_terms_parse(tr->config.add, &tr->terms, err);
    int vgg = 0;
    for (int i = 0; i < tr->terms.count && !s; i++) vgg |= tr->terms.item[i].term->wants_vgg;
    return vgg && !s ? gan_vgg_load(tr->config.vgg, &tr->vgg, err) : s;
}

static gan_status start_balance(gan_trainer *tr, gan_error *err) {
    const gan_config *c = &tr->config;
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    o.min = c->balance_min, o.max = c->balance_max;
    o.target = c->balance_target, o.window = c->balance_window;
    o.patience = c->balance_patience;
    return gan_balance_start(&o, &tr->balance, err);
}

/* All that the settings say as text. */
static gan_status read_texts(gan_trainer *tr, gan_error *err) {
    const gan_config *c = &tr->config;
    const struct {
        const char *text;
        gan_schedule *to;
    } schedules[] = {{c->lr_g, &tr->gs.rate},
                     {c->lr_d, &tr->ds.rate},
                     {c->smooth, &tr->smooth},
                     {c->noise, &tr->critic_noise},
                     {c->mode_seeking, &tr->mode_seeking},
                     {c->classify, &tr->classify},
                     {c->adversarial, &tr->adversarial}};
    gan_status s = strcmp(c->n_critic, "auto") ? gan_schedule_parse(c->n_critic, &tr->n_critic, err)
                                               : start_balance(tr, err);
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules && !s; i++)
        s = gan_schedule_parse(schedules[i].text, schedules[i].to, err);
    if (!s) s = read_terms(tr, err);
    return s ? s : read_penalties(tr, err);
}

/* What the data set gives, what G makes images of, and what these are held against; 0: no memory. */
static int create_batch(gan_trainer *tr, const gan_network_config *n) {
    int64_t batch = tr->config.batch, wide = n->width * tr->task->pictures;
    tr->batch = gan_tensor_create(4, (int64_t[]){batch, n->height, wide, n->channels});
    tr->real = tr->batch;
    if (tr->task->pictures > 1)
        tr->real = gan_tensor_create(4, (int64_t[]){batch, n->height, n->width, n->channels});
    tr->input = n->source_channels
                    ? gan_tensor_create(4, (int64_t[]){batch, n->source_height, n->source_width,
                                                       n->source_channels})
                    : gan_tensor_create(2, (int64_t[]){batch, n->nz});
    return tr->batch && tr->real && tr->input;
}

/* Does one of the networks want labels? A network of the caller's may, when the set has some. */
static int labelled(const gan_trainer *tr) {
    return gan_generator_config(tr->g)->classes || gan_discriminator_config(tr->d)->classes ||
           gan_dataset_classes(tr->data);
}

static gan_status fill(gan_trainer *tr, gan_error *err) {
    const gan_config *c = &tr->config;
    const gan_network_config *n = gan_generator_config(tr->g);
    gan_status s = read_texts(tr, err);
    if (!s) s = gan__augment_start(tr, err);
    if (!s) s = gan__pool_start(tr, err);
    if (!s) s = create_loader(tr, err);
    if (!s) s = create_side(tr, &tr->gs, gan_generator_parameters(tr->g), err);
    if (!s) s = create_side(tr, &tr->ds, gan_discriminator_parameters(tr->d), err);
    if (!s) s = gan__doctor_start(tr, err);
    if (!s && c->ema > 0)
        s = gan_ema_create(c->ema, gan_generator_parameters(tr->g), &tr->ema, err);
    if (s) return s;
    tr->tape = gan_tape_create((int)c->threads);
    gan_tape_conv(tr->tape, (gan_conv_method)c->conv);
    if (labelled(tr)) tr->labels = gan__zalloc((size_t)c->batch, sizeof *tr->labels);
    int labels = tr->labels || !labelled(tr);
    return tr->tape && labels && create_batch(tr, n) ? GAN_OK : gan__fail_memory(err);
}

gan_status gan_trainer_create(const gan_config *config, gan_generator *g, gan_discriminator *d,
                              gan_dataset *data, gan_trainer **out, gan_error *err) {
    *out = NULL;
    const gan_objective *o = gan_objective_find(config->loss, err);
    const gan__task *task = gan__task_find(config->task, err);
    gan_status s = o && task ? gan__agree(config, task, g, d, data, err) : GAN_EINVAL;
    if (s) return s;
    gan_trainer *tr = gan__zalloc(1, sizeof *tr);
    if (!tr) return gan__fail_memory(err);
    tr->config = *config;
    tr->objective = o;
    tr->task = task;
    tr->loss.saturating = config->saturating;
    tr->g = g, tr->d = d, tr->data = data;
    tr->score_holdout = tr->auc_holdout = (gan_real)NAN;
    tr->started = gan__seconds();
    gan_generator_set_uniform(g, config->uniform_z);
    s = fill(tr, err);
    if (s)
        gan_trainer_free(tr);
    else
        *out = tr;
    return s;
}

static void free_side(gan__side *side) {
    int n = side->optimizer ? gan_optimizer_count(side->optimizer) : 0;
    for (int i = 0; side->sums && i < n; i++) gan_tensor_free(side->sums[i]);
    gan__free(side->sums);
    gan__free(side->grads);
    gan_optimizer_free(side->optimizer);
}

void gan_trainer_free(gan_trainer *tr) {
    if (!tr) return;
    gan_loader_free(tr->loader);
    free_side(&tr->gs);
    free_side(&tr->ds);
    gan_ema_free(tr->ema);
    if (tr->real != tr->batch) gan_tensor_free(tr->real);
    gan_tensor_free(tr->batch);
    gan_tensor_free(tr->input);
    gan_module_free(tr->vgg);
    gan_tensor_free(tr->pool);
    gan__free(tr->labels);
    gan_tape_free(tr->tape);
    gan_doctor_free(tr->doctor);
    gan__free(tr);
}

/* Power iterations before the first step, as PyTorch makes them. */
#define SPECTRAL_START 15

/* The average starts again at the weights. */
static gan_status restart_ema(gan_trainer *tr, gan_error *err) {
    if (!tr->ema) return GAN_OK;
    gan_ema_free(tr->ema);
    return gan_ema_create(tr->config.ema, gan_generator_parameters(tr->g), &tr->ema, err);
}

gan_status gan_trainer_initialise(gan_trainer *tr, gan_error *err) {
    const gan_config *c = &tr->config;
    gan_init init = (gan_init)c->init;
    gan_parameters_initialise(gan_generator_parameters(tr->g), init, (uint64_t)c->seed,
                              GAN__STREAM_INIT_G);
    gan_parameters_initialise(gan_discriminator_parameters(tr->d), init, (uint64_t)c->seed,
                              GAN__STREAM_INIT_D);
    gan_spectral_update(gan_generator_root(tr->g), SPECTRAL_START);
    gan_spectral_update(gan_discriminator_root(tr->d), SPECTRAL_START);
    gan_status s = *c->init_from ? gan_networks_load(c->init_from, tr->g, tr->d, err) : GAN_OK;
    return s ? s : restart_ema(tr, err);
}

/* --- a step --- */

/* Of the values that were written; the factor of a falling schedule is none. */
static double least_written(const gan_schedule *s) {
    double least = s->value[0];
    for (int i = s->curve == GAN_CURVE_STEP ? 2 : 1; i < s->count; i++)
        least = fmin(least, s->value[i]);
    return least;
}

/* A whole number of D steps; below 1 one every so many G steps, of a constant the first among them.
 * Where no value that was written is below 1, a warm-up or a factor does not lead there. */
static int64_t scheduled_n_critic(const gan_trainer *tr) {
    double n = gan_schedule_at(&tr->n_critic, tr->g_steps), done = (double)tr->g_steps;
    if (least_written(&tr->n_critic) >= 1) n = fmax(n, 1);
    return (int64_t)(n < 1 ? ceil((done + 1) * n) - ceil(done * n) : floor(n + 0.5));
}

void gan__trainer_follow(gan_trainer *tr, gan_report *r) {
    double scale = ldexp(1, -(int)(tr->rollbacks < 1000 ? tr->rollbacks : 1000));
    tr->gs.lr = scale * gan_schedule_at(&tr->gs.rate, tr->g_steps);
    tr->ds.lr = scale * gan_schedule_at(&tr->ds.rate, tr->g_steps);
    tr->loss.smooth = gan_schedule_at(&tr->smooth, tr->g_steps);
    r->n_critic = gan__balanced(tr) ? gan_balance_next(&tr->balance) : scheduled_n_critic(tr);
    if (!gan__judges(tr)) r->n_critic = 0;
}

/* Sums become means; of a discriminator that rests nothing is known. */
static void tell_of_d(gan_report *r) {
    double n = r->n_critic ? (double)r->n_critic : (double)NAN;
    r->d_loss /= n, r->auc /= n;
    if (!r->n_critic) r->score_real = r->score_fake = r->grad_norm_d = n;
}

static gan_status step(gan_trainer *tr, gan_report *r, gan_error *err) {
    const gan_config *c = &tr->config;
    int judges = gan__judges(tr);
    gan__trainer_follow(tr, r);
    gan_spectral_update(gan_generator_root(tr->g), 1);
    for (int64_t i = 0; i < r->n_critic; i++) {
        gan_status s = gan__step_d(tr, i + 1 == r->n_critic, r, err);
        if (s) return s;
    }
    tell_of_d(r);
    gan_status s = gan__step_g(tr, r, err);
    int due = c->holdout_every && judges && gan_dataset_holdout_count(tr->data) &&
              tr->g_steps % c->holdout_every == 0;
    if (!s && due) s = gan__score_holdout(tr, err);
    if (!s && gan__balanced(tr)) gan_balance_look(&tr->balance, r->auc);
    return s;
}

gan_status gan_trainer_step(gan_trainer *tr, gan_report *report, gan_error *err) {
    double before = gan__seconds();
    if (tr->tape->profile) gan_profile_start(tr->tape->profile);
    gan_report r = {0};
    gan_status s = step(tr, &r, err);
    if (s) return s;
    double now = gan__seconds();
    double images =
        (double)((r.n_critic ? r.n_critic : 1) * tr->config.batch * tr->config.accumulate);
    r.step = tr->g_steps;
    r.score_holdout = (double)tr->score_holdout;
    r.auc_holdout = (double)tr->auc_holdout;
    r.balance = gan__balanced(tr) ? (double)tr->balance.state[GAN_BALANCE_LEVEL] : (double)NAN;
    r.augment_p = gan__augment_strength(tr);
    r.lr_d = tr->ds.lr, r.lr_g = tr->gs.lr;
    r.images_per_second = images / (now > before ? now - before : 1e-9);
    r.seconds = now - tr->started;
    if (report) *report = r;
    return GAN_OK;
}

static double larger(double done, double limit, double progress) {
    return limit > 0 && done / limit > progress ? done / limit : progress;
}

double gan_trainer_progress(const gan_trainer *tr) {
    const gan_config *c = &tr->config;
    double batches = (double)gan_loader_batches_per_epoch(tr->loader);
    double p = larger((double)tr->g_steps, (double)c->steps, 0);
    p = larger((double)gan_loader_position(tr->loader), (double)gan_config_epochs(c) * batches, p);
    p = larger(gan__seconds() - tr->started, 60 * c->max_minutes, p);
    return p < 1 ? p : 1;
}

int gan_trainer_done(const gan_trainer *tr) {
    return gan_trainer_progress(tr) >= 1;
}

/* --- access --- */

int64_t gan_trainer_steps(const gan_trainer *tr) {
    return tr->g_steps;
}

const gan_config *gan_trainer_config(const gan_trainer *tr) {
    return &tr->config;
}

gan_generator *gan_trainer_generator(gan_trainer *tr) {
    return tr->g;
}

gan_discriminator *gan_trainer_discriminator(gan_trainer *tr) {
    return tr->d;
}

gan_tape_usage gan_trainer_memory(const gan_trainer *tr) {
    return gan_tape_memory(tr->tape);
}

void gan_trainer_profile(gan_trainer *tr, gan_profile *p) {
    gan_tape_profile(tr->tape, p);
}
