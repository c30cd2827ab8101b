/* SPDX-License-Identifier: MIT
 *
 * Which settings make no sense together. What depends on the networks themselves is checked when a
 * trainer is made. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "nn/augment/table.h"
#include "train/options.h"
#include "train/task/task.h"

/* The first of its values that is no number of steps, -1: all are. Below 1 there is one every so many
 * G steps. A curve is rounded between them; the factor of a falling one is no such value. */
static int wrong_count(const gan_schedule *s) {
    for (int i = 0; i < s->count; i++) {
        double v = s->value[i];
        if (s->curve == GAN_CURVE_STEP && i == 1) break;
        if (!(v >= GAN_LEAST_N_CRITIC && v <= 1e6 && (v < 1 || v == floor(v)))) return i;
    }
    return -1;
}

static gan_status check_n_critic(const gan_config *c, gan_error *err) {
    gan_schedule s;
    if (!strcmp(c->n_critic, "auto")) return GAN_OK;
    gan_status e = gan_schedule_parse(c->n_critic, &s, err);
    if (e) return gan__prefix(err, e, "--n-critic");
    int i = wrong_count(&s);
    if (i < 0) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     "--n-critic: %g D steps a G step; it must be a whole number, or from %g to 1",
                     s.value[i], GAN_LEAST_N_CRITIC);
}

static gan_status check_balance(const gan_config *c, gan_error *err) {
    if (c->balance_max < c->balance_min)
        return gan__fail(err, GAN_EINVAL, "--balance-max %g is below --balance-min %g",
                         c->balance_max, c->balance_min);
    return GAN_OK;
}

/* Penalties against what the critic is made of and how it is kept in bounds otherwise. */
static gan_status check_penalty(const gan_config *c, const gan_objective *o, gan_error *err) {
    gan_penalties p;
    gan_status e = gan_penalties_parse(c->penalty, &p, err);
    if (e) return gan__prefix(err, e, "--penalty '%.80s'", c->penalty);
    int per_image = gan_penalties_per_image(&p);
    if (c->penalty_every > 1 && !per_image)
        return gan__fail(err, GAN_EINVAL,
                         "--penalty-every %lld: --penalty %.80s has nothing to be lazy with, no "
                         "penalty on a gradient",
                         (long long)c->penalty_every, c->penalty);
    if (!per_image) return GAN_OK;
    if (c->norm_d == GAN_NORM_BATCH)
        return gan__fail(
            err, GAN_EMODEL,
            "--norm-d batch: batch norm mixes the images of a batch, and --penalty %.80s "
            "is on the gradient of each; use layer, instance or none",
            c->penalty);
    if (o->clips)
        return gan__fail(
            err, GAN_EINVAL,
            "--penalty %.80s with --loss %s, which bounds its critic by clipping weights; "
            "use --loss wgan-gp",
            c->penalty, o->name);
    return GAN_OK;
}

/* An option that the loss has no use for: taken in silence it would mislead. */
static gan_status check_loss(const gan_config *c, const gan_objective *o, gan_error *err) {
    if (c->saturating && !o->saturates)
        return gan__fail(err, GAN_EINVAL, "--saturating: loss %s has no such form", o->name);
    if (strcmp(c->smooth, "0") && !o->smooths)
        return gan__fail(err, GAN_EINVAL,
                         "--smooth %s: loss %s has no target for real images to smooth", c->smooth,
                         o->name);
    if (c->spectral_d && o->clips)
        return gan__fail(err, GAN_EINVAL,
                         "--spectral-d with --loss %s: clipped weights mean nothing when they are "
                         "normalised; use another loss",
                         o->name);
    return GAN_OK;
}

/* A batch of n, of packs where they are judged, must divide into groups of 2 to `stddev`: in groups
 * of one there is no deviation. */
static gan_status check_stddev(const gan_config *c, int64_t n, gan_error *err) {
    int64_t group = 2;
    while (group <= c->stddev && n % group) group++;
    if (!c->stddev || (n > 1 && group <= c->stddev)) return GAN_OK;
    if (n < 2)
        return gan__fail(err, GAN_EINVAL,
                         "--stddev: a batch of %lld in packs of %lld has nothing to compare",
                         (long long)c->batch, (long long)c->pack);
    return gan__fail(err, GAN_EINVAL,
                     "--stddev %lld: a batch of %lld in packs of %lld cannot be cut into equal "
                     "groups of 2 or more up to that; use a larger --stddev or another --batch",
                     (long long)c->stddev, (long long)c->batch, (long long)c->pack);
}

/* What is done with several images at once must find them in a batch. */
static gan_status check_batch(const gan_config *c, gan_error *err) {
    if (c->batch % c->pack)
        return gan__fail(err, GAN_EINVAL, "--batch %lld is no multiple of --pack %lld",
                         (long long)c->batch, (long long)c->pack);
    if (c->batch < 2 && strcmp(c->mode_seeking, "0"))
        return gan__fail(err, GAN_EINVAL,
                         "--mode-seeking compares images: --batch must be 2 or more");
    return check_stddev(c, c->batch / c->pack, err);
}

/* Generator and discriminator that know of labels need each other. */
static gan_status check_condition(const gan_config *c, gan_error *err) {
    if (!c->condition_g != !c->condition_d)
        return gan__fail(err, GAN_EINVAL,
                         c->condition_g
                             ? "--condition-g without --condition-d: nothing would tell the "
                               "generator what a class looks like; add --condition-d projection"
                             : "--condition-d without --condition-g: the generator would not know "
                               "what class is wanted; add --condition-g concat");
    if (strcmp(c->classify, "1") && c->condition_d != GAN_CONDITION_CLASSIFIER)
        return gan__fail(err, GAN_EINVAL,
                         "--classify %s has nothing to weigh without --condition-d classifier",
                         c->classify);
    return GAN_OK;
}

static gan_status check_augment(const gan_config *c, const gan_objective *o, gan_error *err) {
    unsigned kinds;
    gan_schedule p;
    double low, high;
    int adapts = !strcmp(c->augment_p, "auto");
    gan_status e = gan_augment_parse(c->augment, &kinds, err);
    if (e) return gan__prefix(err, e, "--augment");
    if (!kinds && strcmp(c->augment_p, "1"))
        return gan__fail(err, GAN_EINVAL, "--augment-p %s without --augment: try --augment ada",
                         c->augment_p);
    if (adapts && !o->signs)
        return gan__fail(err, GAN_EINVAL,
                         "--augment-p auto goes by the sign of D's scores, which means nothing to "
                         "loss %s; use a number, or --loss standard or hinge",
                         o->name);
    if (adapts) return GAN_OK;
    e = gan_schedule_parse(c->augment_p, &p, err);
    if (e) return gan__prefix(err, e, "--augment-p");
    gan_schedule_range(&p, &low, &high);
    if (low >= 0 && high <= 1) return GAN_OK;
    return gan__fail(err, GAN_EINVAL, "--augment-p is '%.80s'; its values must be from 0 to 1",
                     c->augment_p);
}

/* Each term by itself, and whether there is one that leads back where there is a way back. */
static gan_status check_each_term(const gan_config *c, const gan__task *task,
                                  const gan_terms *terms, gan_error *err) {
    int cycles = 0;
    for (int i = 0; i < terms->count; i++) {
        const gan_term *row = terms->item[i].term;
        cycles |= row->both_ways;
        if (row->both_ways && !task->both_ways)
            return gan__fail(err, GAN_EINVAL, "--add %.80s: --task %s has no way back", c->add,
                             task->name);
        if (task->both_ways && !row->both_ways)
            return gan__fail(err, GAN_EINVAL,
                             "--add %s: pictures of --task %s have no targets to compare them "
                             "with; use cycle and identity",
                             row->name, task->name);
        if (row->wants_vgg && !*c->vgg)
            return gan__fail(err, GAN_EINVAL, "--add %s wants --vgg FILE", row->name);
    }
    if (cycles || !task->both_ways) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     "--task %s: nothing would keep what a picture shows; give --add "
                     "cycle:10+identity:5",
                     task->name);
}

/* While D rests the terms alone lead G. */
static gan_status check_adversarial(const gan_config *c, const gan_terms *terms, gan_error *err) {
    gan_schedule weight;
    double low, high;
    gan_status e = gan_schedule_parse(c->adversarial, &weight, err);
    if (e) return gan__prefix(err, e, "--adversarial");
    gan_schedule_range(&weight, &low, &high);
    if (low <= 0 && !terms->count)
        return gan__fail(err, GAN_EINVAL,
                         "--adversarial %.80s: without the loss and without terms (--add) G has "
                         "nothing to learn from",
                         c->adversarial);
    if (low <= 0 && terms->count == 1 && terms->item[0].term->judges_target)
        return gan__fail(err, GAN_EINVAL,
                         "--adversarial %.80s: term %s is left out while D rests; add l1, say",
                         c->adversarial, terms->item[0].term->name);
    return GAN_OK;
}

/* Terms want a target, and a generator of latent vectors has nothing but D to learn from. */
static gan_status check_terms(const gan_config *c, const gan__task *task, gan_error *err) {
    gan_terms terms;
    gan_status e = gan_terms_parse(c->add, &terms, err);
    if (e) return gan__prefix(err, e, "--add '%.80s'", c->add);
    if (terms.count && !task->take)
        return gan__fail(err, GAN_EINVAL,
                         "--add %.80s: images of --task %s have no targets to compare them with",
                         c->add, task->name);
    e = check_adversarial(c, &terms, err);
    return e ? e : check_each_term(c, task, &terms, err);
}

/* Settings that are of use to others alone: taken in silence they would mislead. */
static gan_status check_idle(const gan_config *c, const gan__task *task, gan_error *err) {
    const struct {
        const char *name;
        int used;
        const char *wants;
    } rows[] = {{"scale", task == &gan__task_superres, "--task superres"},
                {"direction", task->pictures > 1, "--task translate"},
                {"data-b", task->both_ways, "--task cycle"},
                {"image-pool", task->both_ways, "--task cycle"},
                {"dropout-g", strcmp(gan_config_generator(c).arch, "resnet") != 0,
                 "a generator that has dropout: resnet has none"},
                {"vgg", strstr(c->add, "vgg:") != NULL, "--add vgg:WEIGHT"},
                {"augment-target", !strcmp(c->augment_p, "auto"), "--augment-p auto"},
                {"augment-images", !strcmp(c->augment_p, "auto"), "--augment-p auto"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[GAN_TEXT];
        gan_config_get(c, rows[i].name, text, sizeof text);
        if (!rows[i].used && strcmp(text, gan__option_find(rows[i].name)->shown.fallback))
            return gan__fail(err, GAN_EINVAL, "--%s %.80s has no use without %s", rows[i].name,
                             text, rows[i].wants);
    }
    return GAN_OK;
}

/* Where the source stands beside the image there are two images' channels. */
static gan_status check_colours(const gan_config *c, const gan__task *task, gan_error *err) {
    unsigned kinds;
    gan_status e = gan_augment_parse(c->augment, &kinds, err);
    if (e || !task->beside || !gan__augment_colours(kinds)) return e;
    return gan__fail(err, GAN_EINVAL,
                     "--augment %.80s changes colours, and D of --task %s sees two images at once; "
                     "use translation+cutout, or other kinds that do not",
                     c->augment, task->name);
}

static gan_status check_task(const gan_config *c, gan_error *err) {
    const gan__task *task = gan__task_find(c->task, err);
    if (!task) return gan__prefix(err, GAN_EINVAL, "--task");
    if (task->take && (c->condition_g || c->condition_d))
        return gan__fail(err, GAN_EINVAL, "--condition-g: --task %s takes no labels", task->name);
    if (task->arch_g && strcmp(c->arch, "dcgan"))
        return gan__fail(err, GAN_EINVAL,
                         "--arch %s is for both networks, and those of --task %s are of two kinds: "
                         "give --arch-g, --arch-d",
                         c->arch, task->name);
    if (task->take && strcmp(c->mode_seeking, "0"))
        return gan__fail(err, GAN_EINVAL,
                         "--mode-seeking: --task %s has no latent vectors to compare", task->name);
    gan_status e = task->check ? task->check(c, err) : GAN_OK;
    if (!e) e = check_idle(c, task, err);
    if (!e) e = check_colours(c, task, err);
    return e ? e : check_terms(c, task, err);
}

gan_status gan__config_combine(const gan_config *c, const gan_objective *o, gan_error *err) {
    gan_status e = check_n_critic(c, err);
    if (!e) e = check_balance(c, err);
    if (!e) e = check_penalty(c, o, err);
    if (!e) e = check_loss(c, o, err);
    if (!e) e = check_condition(c, err);
    if (!e) e = check_augment(c, o, err);
    if (!e) e = check_task(c, err);
    return e ? e : check_batch(c, err);
}
