/* SPDX-License-Identifier: MIT
 *
 * How strongly images are augmented: by a schedule, or so that D stays as sure of its training
 * images as is wanted (adaptive discriminator augmentation, arXiv:2006.06676, section 3.1). What is
 * known of that is r = mean of sign D(x) over real images of the last INTERVAL updates; then
 *
 *     p += sign(r - target) * images seen since / augment_images,   0 <= p <= 1. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "train/internal.h"

#define INTERVAL 4

gan_status gan__augment_start(gan_trainer *tr, gan_error *err) {
    gan__strength *s = &tr->augment;
    s->adapts = !strcmp(tr->config.augment_p, "auto");
    gan_status e = gan_augment_parse(tr->config.augment, &s->kinds, err);
    if (e || s->adapts) return e;
    return gan_schedule_parse(tr->config.augment_p, &s->p, err);
}

double gan__augment_strength(const gan_trainer *tr) {
    const gan__strength *s = &tr->augment;
    if (!s->kinds) return (double)NAN;
    return s->adapts ? (double)s->state[GAN__AUGMENT_P] : gan_schedule_at(&s->p, tr->g_steps);
}

const gan_augment *gan__augment_pass(const gan_trainer *tr, gan_rng *rng, gan_augment *room) {
    *room = (gan_augment){tr->augment.kinds, gan__augment_strength(tr), rng};
    return room->kinds ? room : NULL;
}

static double sum_of_signs(const gan_tensor *scores) {
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_size(scores); i++)
        sum += (gan_tensor_data(scores)[i] > 0) - (gan_tensor_data(scores)[i] < 0);
    return sum;
}

void gan__augment_watch(gan_trainer *tr, const gan_tensor *real) {
    const gan_config *c = &tr->config;
    gan_real *state = tr->augment.state;
    if (!tr->augment.adapts || !real) return;
    state[GAN__AUGMENT_SIGN] += (gan_real)(sum_of_signs(real) / (double)gan_tensor_size(real));
    state[GAN__AUGMENT_LOOKS] += 1;
    if (state[GAN__AUGMENT_LOOKS] < INTERVAL) return;
    double r = (double)state[GAN__AUGMENT_SIGN] / INTERVAL;
    double step = INTERVAL * (double)c->batch / c->augment_images;
    double p = (double)state[GAN__AUGMENT_P] + (r > c->augment_target ? step : -step);
    state[GAN__AUGMENT_P] = (gan_real)fmin(fmax(p, 0), 1);
    state[GAN__AUGMENT_SIGN] = state[GAN__AUGMENT_LOOKS] = 0;
}
