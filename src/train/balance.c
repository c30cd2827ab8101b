/* SPDX-License-Identifier: MIT */
#include "gan/balance.h"

#include <math.h>

#include "base/error.h"

/* What a D step is believed to gain until it is tried: little, so that a trial or two decide. */
#define HOPE 0.01

gan_status gan_balance_start(const gan_balance_options *options, gan_balance *out, gan_error *err) {
    const gan_balance_options *o = options;
    if (o->size != sizeof *o)
        return gan__fail(err, GAN_EINVAL, "start the options from GAN_BALANCE_DEFAULTS");
    if (!(o->min >= GAN_LEAST_N_CRITIC && o->max >= o->min && o->max <= 1e6))
        return gan__fail(err, GAN_EINVAL, "balance from %g to %g D steps: %g to 1e6, in order",
                         o->min, o->max, GAN_LEAST_N_CRITIC);
    if (!(o->target >= 0.5 && o->target <= 1) || o->window < 1)
        return gan__fail(err, GAN_EINVAL,
                         "balance with target %g and window %lld: 0.5 to 1, and 1 or more",
                         o->target, (long long)o->window);
    if (o->patience < 0 || o->patience > GAN_LONGEST_PATIENCE)
        return gan__fail(err, GAN_EINVAL, "balance with a patience of %lld steps: 0 to 1e6",
                         (long long)o->patience);
    *out = (gan_balance){.options = *o};
    out->state[GAN_BALANCE_LEVEL] = (gan_real)o->min;
    out->state[GAN_BALANCE_JUDGEMENT] = (gan_real)o->target;
    out->state[GAN_BALANCE_GAIN] = (gan_real)HOPE;
    out->state[GAN_BALANCE_TRUST] = 1;
    out->state[GAN_BALANCE_PATIENCE] = (gan_real)o->patience;
    return GAN_OK;
}

int64_t gan_balance_next(gan_balance *b) {
    double sum = (double)b->state[GAN_BALANCE_LEVEL] + (double)b->state[GAN_BALANCE_REST];
    int64_t n = (int64_t)sum;
    b->state[GAN_BALANCE_REST] = (gan_real)(sum - (double)n);
    return n;
}

/* average += (x - average) / window */
static double follow(gan_balance *b, int which, double x, double window) {
    double average = (double)b->state[which];
    average += (x - average) / window;
    b->state[which] = (gan_real)average;
    return average;
}

/* Does the generator leave it behind? Either it is poor for longer than patience lasts, or it is wrong
 * as surely as it should be right. */
static int lags(const gan_balance *b, double a) {
    double target = b->options.target, trust = (double)b->state[GAN_BALANCE_TRUST];
    return a < 1 - target || (a < target && (trust < target || !b->options.patience));
}

/* A lead that has not come to its end by itself after P steps has not helped. */
static void end_vain_lead(gan_balance *b) {
    const double most = (double)b->options.patience;
    int leads = b->state[GAN_BALANCE_LEVEL] > (gan_real)b->options.min;
    double lead = leads ? (double)b->state[GAN_BALANCE_LEAD] + 1 : 0;
    b->state[GAN_BALANCE_LEAD] = (gan_real)fmin(lead, most);
    if (most == 0 || lead <= most) return;
    double longer = 2 * (double)b->state[GAN_BALANCE_PATIENCE];
    b->state[GAN_BALANCE_LEVEL] = (gan_real)b->options.min;
    b->state[GAN_BALANCE_PATIENCE] = (gan_real)fmin(longer, GAN_LONGEST_PATIENCE);
    b->state[GAN_BALANCE_TRUST] = 1;
    b->state[GAN_BALANCE_LEAD] = 0;
}

void gan_balance_look(gan_balance *b, double judgement, double gain) {
    const gan_balance_options *o = &b->options;
    const double window = (double)o->window, patience = (double)b->state[GAN_BALANCE_PATIENCE];
    double known = isfinite(gain) ? fmin(fmax(gain, -1), 1) : HOPE;
    double s = follow(b, GAN_BALANCE_GAIN, known, window);
    if (isfinite(judgement)) {
        follow(b, GAN_BALANCE_JUDGEMENT, judgement, window);
        follow(b, GAN_BALANCE_TRUST, judgement, fmax(patience, 1));
    }
    double a = (double)b->state[GAN_BALANCE_JUDGEMENT];
    double v = (o->target - a) * (o->max - o->min) / window;
    if (v > 0 && s > 0 && !lags(b, a)) v = 0;
    double level = (double)b->state[GAN_BALANCE_LEVEL] + (v < 0 || s > 0 ? v : -v);
    b->state[GAN_BALANCE_LEVEL] = (gan_real)fmin(fmax(level, o->min), o->max);
    end_vain_lead(b);
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
