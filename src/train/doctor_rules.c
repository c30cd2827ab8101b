/* SPDX-License-Identifier: MIT
 *
 * What can be wrong with a run: a row each, causes before what follows from them. A new one needs
 * its line in GAN_FINDING_LIST, its row here, and what it reads counted in doctor.c. */
#include <math.h>
#include <stdio.h>

#include "train/doctor.h"

static int constant(const gan_doctor *d, char *text, size_t size) {
    if (!(d->m.diversity_real <= GAN__CONSTANT)) return 0;
    snprintf(text, size,
             "the images of the data set are all but the same: they differ by %.2g grey levels of "
             "255 on average",
             127.5 * d->m.diversity_real);
    return 1;
}

static int tiny(const gan_doctor *d, char *text, size_t size) {
    double images = (double)d->options.images, batch = (double)d->options.batch;
    if (images <= 0 || batch <= 0) return 0;
    if (images >= GAN__TINY_BATCHES * batch &&
        (images >= GAN__TINY_IMAGES || d->m.passes < GAN__TINY_PASSES))
        return 0;
    snprintf(text, size,
             "the data set is tiny: %.0f images to train on, batches of %.0f, %.0f passes so far",
             images, batch, d->m.passes);
    return 1;
}

static int rate(const gan_doctor *d, char *text, size_t size) {
    static const char *const what[] = {"the norm of the discriminator's gradient",
                                       "the norm of the generator's gradient",
                                       "the discriminator's loss"};
    const gan__memory *m = &d->m;
    int of = m->leap_of > 1 ? 2 : m->leap_of > 0 ? 1 : 0, g = !(m->update_d >= GAN__UPDATE);
    double update = g ? m->update_g : m->update_d;
    if (m->leap > 0)
        snprintf(text, size, "the learning rate is too high: %s is %.3g, %.0f times %.3g", what[of],
                 m->leap * m->leap_from, m->leap, m->leap_from);
    else if (update >= GAN__UPDATE)
        snprintf(text, size,
                 "the learning rate of the %s is too high: a step moves its weights by %.2g of "
                 "their size",
                 g ? "generator" : "discriminator", update);
    else
        return 0;
    return 1;
}

/* G's gradient in the last window, of the most that it has been in one. */
static double gradient_left(const gan__memory *m) {
    return exp(m->closed.norm_g - m->norm_g_peak);
}

static int saturated(const gan_doctor *d, char *text, size_t size) {
    const gan__memory *m = &d->m;
    const gan__window *w = &m->closed;
    double fall = gradient_left(m);
    int vanished = m->windows > 1 && w->auc >= GAN__RANKED && fall < GAN__VANISHED;
    char more[64] = "";
    if (m->sure < GAN__SURE_WINDOWS && m->unbeaten < GAN__UNBEATEN_WINDOWS && !vanished) return 0;
    if (vanished)
        snprintf(more, sizeof more, ", the generator's gradient is %.1g of what it was", fall);
    snprintf(text, size,
             "the critic is saturated: in the last %.0f steps it has ranked %.1f%% of the pairs "
             "right, mean scores %.3g of real and %.3g of generated images%s",
             w->steps, 100 * w->auc, w->real, w->fake, more);
    return 1;
}

/* The other way of losing the gradient: not because D is sure, but because it says nothing. */
static int dead(const gan_doctor *d, char *text, size_t size) {
    const gan__memory *m = &d->m;
    const gan__window *w = &m->closed;
    double fall = gradient_left(m), gap = fabs(w->real - w->fake);
    if (m->windows <= 1 || w->auc >= GAN__RANKED || !(fall < GAN__VANISHED)) return 0;
    if (!(gap <= GAN__ALIKE * (1 + fabs(w->real)))) return 0;
    snprintf(text, size,
             "the critic is dead: it scores real images %.3g and generated ones %.3g, and the "
             "generator's gradient is %.1g of what it was",
             w->real, w->fake, fall);
    return 1;
}

static int collapsed(const gan_doctor *d, char *text, size_t size) {
    const gan__memory *m = &d->m;
    if (m->fallen < GAN__FALLEN_LOOKS && m->flat < GAN__FLAT_LOOKS) return 0;
    snprintf(text, size,
             "the generator has collapsed: its images are %.2g times as diverse as real ones, at "
             "best it was %.2g",
             m->diversity, m->best);
    return 1;
}

static int overfit(const gan_doctor *d, char *text, size_t size) {
    const gan__window *w = &d->m.closed;
    if (d->m.overfit < GAN__OVERFIT_WINDOWS) return 0;
    snprintf(text, size,
             "the critic learns its images by heart: it scores held-out ones %.3g, %.0f%% of the "
             "way from %.3g of those it trains on to %.3g of generated ones",
             w->holdout, 100 * (w->real - w->holdout) / (w->real - w->fake), w->real, w->fake);
    return 1;
}

static int oscillation(const gan_doctor *d, char *text, size_t size) {
    const gan__memory *m = &d->m;
    double first = m->turns[GAN__TURNS - 1], every = (double)d->options.every;
    double span = m->turns[0] - first, mean = span / (GAN__TURNS - 1);
    if (first <= GAN__SETTLING * every || m->step - first > GAN__SWING_WINDOWS * every) return 0;
    if (m->step - m->turns[0] > fmax(2 * mean, every)) return 0; /* it has come to rest */
    snprintf(text, size,
             "the two networks overthrow each other: in %.0f steps it has turned %d times which of "
             "them wins (real images above %.0f%%, below %.0f%% of the generated ones)",
             m->step - first, GAN__TURNS, 100 * GAN__SWING_HIGH, 100 * GAN__SWING_LOW);
    return 1;
}

const gan__rule gan__rules[] = {
    {GAN_FINDING_CONSTANT, 0, 1, constant, "try other --data: there is nothing to learn"},
    {GAN_FINDING_TINY, 0, 1, tiny,
     "try more images, --flip, a smaller --batch, --dropout 0.3, or fewer --steps"},
    {GAN_FINDING_RATE, 1, 0, rate, "try a lower --lr-g and --lr-d, or --clip-norm 1"},
    {GAN_FINDING_SATURATED, 0, 0, saturated,
     "try a lower --n-critic or --lr-d, or a penalty (--loss wgan-gp)"},
    {GAN_FINDING_DEAD, 0, 0, dead,
     "begin anew with a lower --lr-d, or with --penalty r1:1 in place of --spectral-d"},
    {GAN_FINDING_COLLAPSED, 0, 0, collapsed,
     "try --mode-seeking 1, --stddev 4, --pack 2, or a lower --lr-g"},
    {GAN_FINDING_OVERFIT, 0, 0, overfit,
     "try more images, --flip, --dropout 0.3, a lower --n-critic, or stop here"},
    {GAN_FINDING_OSCILLATION, 0, 0, oscillation,
     "try --n-critic auto, lower --lr-g and --lr-d, --lr-d above --lr-g, --beta1 0, or --ema "
     "0.999"},
};

const int gan__rule_count = (int)(sizeof gan__rules / sizeof *gan__rules);
