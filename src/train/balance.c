/* SPDX-License-Identifier: MIT */
#include "gan/balance.h"

#include <math.h>

#include "base/error.h"

/* From min to max and back, in windows. */
#define RISE 5
#define FALL 100

gan_status gan_balance_start(const gan_balance_options *options, gan_balance *out, gan_error *err) {
    const gan_balance_options *o = options;
    if (o->size != sizeof *o)
        return gan__fail(err, GAN_EINVAL, "start the options from GAN_BALANCE_DEFAULTS");
    if (!(o->min >= GAN_LEAST_N_CRITIC && o->max >= o->min && o->max <= 1e6))
        return gan__fail(err, GAN_EINVAL, "balance from %g to %g D steps: %g to 1e6, in order",
                         o->min, o->max, GAN_LEAST_N_CRITIC);
    if (!(o->target > 0 && o->target < 1))
        return gan__fail(err, GAN_EINVAL, "balance with target %g: between 0 and 1", o->target);
    if (o->window < 1 || o->window > GAN_LONGEST_WINDOW)
        return gan__fail(err, GAN_EINVAL, "balance with a window of %lld steps: 1 to %d",
                         (long long)o->window, GAN_LONGEST_WINDOW);
    if (o->patience < 0 || o->patience > GAN_LONGEST_PATIENCE)
        return gan__fail(err, GAN_EINVAL, "balance with a patience of %lld steps: 0 to %d",
                         (long long)o->patience, GAN_LONGEST_PATIENCE);
    *out = (gan_balance){.options = *o};
    out->state[GAN_BALANCE_LEVEL] = (gan_real)o->min;
    out->state[GAN_BALANCE_JUDGEMENT] = (gan_real)o->target;
    return GAN_OK;
}

int64_t gan_balance_next(gan_balance *b) {
    double sum = (double)b->state[GAN_BALANCE_LEVEL] + (double)b->state[GAN_BALANCE_REST];
    int64_t n = (int64_t)sum;
    b->state[GAN_BALANCE_REST] = (gan_real)(sum - (double)n);
    return n;
}

void gan_balance_look(gan_balance *b, double judgement) {
    const gan_balance_options *o = &b->options;
    const double window = (double)o->window, range = o->max - o->min;
    if (!isfinite(judgement)) return;
    double a = (double)b->state[GAN_BALANCE_JUDGEMENT];
    double level = (double)b->state[GAN_BALANCE_LEVEL];
    double leads = (double)b->state[GAN_BALANCE_LEADS];
    a += (judgement - a) / window;
    if (a > 1 - (1 - o->target) / 10) {
        leads = fmin(leads + 1, (double)o->patience);
        level -= range / (FALL * window);
    } else if (a < o->target && leads >= (double)o->patience)
        level += range / (RISE * window);
    b->state[GAN_BALANCE_JUDGEMENT] = (gan_real)a;
    b->state[GAN_BALANCE_LEADS] = (gan_real)leads;
    b->state[GAN_BALANCE_LEVEL] = (gan_real)fmin(fmax(level, o->min), o->max);
}

double gan_balance_judgement(const gan_real *real, size_t n, const gan_real *fake, size_t m) {
    size_t above = 0, same = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++) {
            above += real[i] > fake[k];
            same += real[i] == fake[k];
        }
    return ((double)above + 0.5 * (double)same) / ((double)n * (double)m);
}
