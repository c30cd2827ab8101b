/* SPDX-License-Identifier: MIT */
#include "cli/balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `decay` has its --n-critic because rates must be at their end where the budget is. */
const balance_policy balance_policies[] = {
    {"n1", "one D step a G step", {"n-critic", "1"}},
    {"half", "a D step every second G step", {"n-critic", "0.5"}},
    {"n5", "5 D steps a G step", {"n-critic", "5"}},
    {"lead", "5, then 2, then 1 D step a G step", {"n-critic", "5@0,2@{10%},1@{25%}"}},
    {"auto", "more D steps when G has overtaken D", {"n-critic", "auto"}},
    {"decay",
     "one D step a G step; rates fall to 0 in the second half",
     {"n-critic", "1", "lr-g", "linear({lr-g}->0, {50%}..{100%})", "lr-d",
      "linear({lr-d}->0, {50%}..{100%})"}},
    {"ttur", "D's rate is 4 times G's", {"lr-d", "{4*lr-g}"}},
    {"pack2", "D judges two at a time", {"pack", "2"}},
    {"stddev", "D sees how a batch differs", {"stddev", "{judged}"}},
    {"mode-seeking", "G is paid for images that differ", {"mode-seeking", "0.1"}},
    {"r1", "D's slope on real images has a price", {"penalty", "r1:0.1"}},
    {"relativistic",
     "pairs of real and generated, both slopes with a price",
     {"loss", "relativistic", "penalty", "r1:0.1+r2:0.1"}},
    {"spectral", "D's weights are divided by their spectral norm", {"spectral-d", "true"}},
    {"ema", "G is judged by its moving average", {"ema", "0.999"}},
    {0}};

/* --- values --- */

static const char *rate_named(const char *name, const gan_config *base) {
    if (!strcmp(name, "lr-g")) return base->lr_g;
    return strcmp(name, "lr-d") ? NULL : base->lr_d;
}

/* X times a rate. */
static int scaled(double x, const char *rate, char *out, size_t size) {
    char *end;
    double v = rate ? strtod(rate, &end) : 0;
    if (!rate || end == rate || *end) return 0;
    snprintf(out, size, "%.10g", x * v);
    return 1;
}

/* What stands for the text within braces; 0: nothing does. */
static int meaning(const char *word, const gan_config *base, int64_t steps, char *out,
                   size_t size) {
    char *end;
    double x = strtod(word, &end);
    const char *rate = rate_named(word, base);
    if (end != word && !strcmp(end, "%"))
        snprintf(out, size, "%lld", llround(x / 100 * (double)steps));
    else if (end != word && *end == '*')
        return scaled(x, rate_named(end + 1, base), out, size);
    else if (!strcmp(word, "judged"))
        snprintf(out, size, "%lld", (long long)(base->batch / base->pack));
    else if (rate)
        snprintf(out, size, "%s", rate);
    else
        return 0;
    return 1;
}

static gan_status fill_in(const char *text, const gan_config *base, int64_t steps, char *out,
                          gan_error *err) {
    const size_t room = GAN_SCHEDULE_TEXT;
    size_t n = 0;
    while (*text && n < room - 1) {
        char word[32] = "";
        size_t length = strcspn(text, "}");
        if (*text != '{') {
            out[n++] = *text++;
            continue;
        }
        if (length <= sizeof word) memcpy(word, text + 1, length - 1);
        if (!meaning(word, base, steps, out + n, room - n))
            return cli_error(err, GAN_EINVAL,
                             "{%s} means nothing here: --lr-g %.100s, --lr-d "
                             "%.100s",
                             word, base->lr_g, base->lr_d);
        n += strlen(out + n);
        text += length + 1;
    }
    out[n] = 0;
    return *text ? cli_error(err, GAN_EINVAL, "'%.100s...' is too long", out) : GAN_OK;
}

gan_status balance_fill_in(const balance_policy *p, const gan_config *base, int64_t steps,
                           balance_values *out, gan_error *err) {
    gan_status s = GAN_OK;
    for (int i = 0; p->settings[2 * i] && !s; i++)
        s = fill_in(p->settings[2 * i + 1], base, steps, out->value[i], err);
    return s;
}

/* --- names --- */

static const balance_policy *find(const char *name, size_t length) {
    for (const balance_policy *p = balance_policies; p->name; p++)
        if (strlen(p->name) == length && !strncmp(p->name, name, length)) return p;
    return NULL;
}

static gan_status unknown(const char *name, size_t length, gan_error *err) {
    char known[256] = "";
    for (const balance_policy *p = balance_policies; p->name; p++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                 p == balance_policies ? "" : ", ", p->name);
    return cli_error(err, GAN_EINVAL, "--policies: there is no policy '%.*s'; known: %s",
                     (int)(length < 50 ? length : 50), name, known);
}

static int is_among(const balance_policy *p, const balance_policy **list, int n) {
    while (n > 0)
        if (list[--n] == p) return 1;
    return 0;
}

gan_status balance_select(const char *names, const balance_policy **out, int *count,
                          gan_error *err) {
    *count = 0;
    for (const balance_policy *p = balance_policies; !names && p->name; p++) out[(*count)++] = p;
    while (names) {
        size_t length = strcspn(names, ",");
        const balance_policy *p = find(names, length);
        if (!p) return unknown(names, length, err);
        if (is_among(p, out, *count))
            return cli_error(err, GAN_EINVAL, "--policies names %s twice", p->name);
        out[(*count)++] = p;
        names = names[length] ? names + length + 1 : NULL;
    }
    return GAN_OK;
}
