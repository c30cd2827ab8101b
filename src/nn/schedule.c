/* SPDX-License-Identifier: MIT */
#include "gan/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* --- reading: a text, the place reached, and what is made of it --- */

typedef struct reader {
    const char *text, *at;
    gan_schedule *s;
    gan_error *err;
} reader;

/* Of a long text only the beginning is shown, so that the remedy is seen. */
static gan_status unreadable(const reader *r, const char *at, const char *wanted) {
    return gan__fail(r->err, GAN_EINVAL,
                     "schedule '%.80s': %s at %s%.80s%s; write 5, or 5@0,1@2000, or "
                     "linear(2e-4->0, 5000..20000)",
                     r->text, wanted, *at ? "'" : "its end", at, *at ? "'" : "");
}

static void skip_spaces(reader *r) {
    while (*r->at == ' ') r->at++;
}

/* Passes by a word; 0: something else is there. */
static int take(reader *r, const char *word) {
    skip_spaces(r);
    size_t n = strlen(word);
    if (strncmp(r->at, word, n)) return 0;
    r->at += n;
    return 1;
}

static gan_status want(reader *r, const char *word, const char *wanted) {
    return take(r, word) ? GAN_OK : unreadable(r, r->at, wanted);
}

static gan_status number(reader *r, double *out) {
    char *end;
    skip_spaces(r);
    *out = gan__number_read(r->at, &end);
    if (end == r->at || !isfinite(*out)) return unreadable(r, r->at, "a number is wanted");
    if (*out < 0) return unreadable(r, r->at, "a number of 0 or more is wanted");
    r->at = end;
    return GAN_OK;
}

static gan_status steps(reader *r, int64_t least, int64_t *out) {
    char *end;
    skip_spaces(r);
    errno = 0;
    *out = strtoll(r->at, &end, 10);
    if (end == r->at || errno || *out < 0) return unreadable(r, r->at, "a step is wanted");
    if (*out < least) return unreadable(r, r->at, "a larger step is wanted");
    r->at = end;
    return GAN_OK;
}

/* --- the forms --- */

/* "value@step", or as the only piece "value". */
static gan_status piece(reader *r) {
    gan_schedule *s = r->s;
    const char *start = r->at;
    int64_t from = 0;
    double value;
    gan_status e = number(r, &value);
    if (e) return e;
    if (take(r, "@"))
        e = steps(r, 0, &from);
    else if (s->count || *r->at)
        return unreadable(r, r->at, "'@step' is wanted");
    if (e) return e;
    if (!s->count && from) return unreadable(r, start, "the first piece must start at step 0");
    if (s->count && from <= s->from[s->count - 1]) return unreadable(r, start, "steps must rise");
    s->value[s->count] = value;
    s->from[s->count++] = from;
    return GAN_OK;
}

static gan_status pieces(reader *r) {
    do {
        if (r->s->count == GAN_SCHEDULE_PIECES) return unreadable(r, r->at, "too many pieces");
        gan_status e = piece(r);
        if (e) return e;
    } while (take(r, ","));
    return *r->at ? unreadable(r, r->at, "',' is wanted") : GAN_OK;
}

/* "s..e", or "e" */
static gan_status range(reader *r) {
    gan_schedule *s = r->s;
    gan_status e = steps(r, 0, &s->from[1]);
    if (e) return e;
    if (take(r, "..")) {
        s->from[0] = s->from[1];
        e = steps(r, s->from[0] + 1, &s->from[1]);
    } else if (!s->from[1]) {
        return unreadable(r, r->at, "a range of steps is wanted");
    }
    return e;
}

/* "(a->b, range)" */
static gan_status between(reader *r) {
    gan_schedule *s = r->s;
    const char *start = r->at;
    gan_status e = want(r, "(", "'(' is wanted");
    if (!e) e = number(r, &s->value[0]);
    if (!e) e = want(r, "->", "'->' is wanted");
    if (!e) e = number(r, &s->value[1]);
    if (!e) e = want(r, ",", "',' is wanted");
    if (!e) e = range(r);
    if (!e) e = want(r, ")", "')' is wanted");
    if (!e && s->curve == GAN_CURVE_EXP && !(s->value[0] > 0 && s->value[1] > 0))
        return unreadable(r, start, "exp goes between numbers above 0");
    return e;
}

/* "(v*factor, every)" */
static gan_status steplike(reader *r) {
    gan_schedule *s = r->s;
    gan_status e = want(r, "(", "'(' is wanted");
    if (!e) e = number(r, &s->value[0]);
    if (!e) e = want(r, "*", "'*factor' is wanted");
    const char *factor = r->at;
    if (!e) e = number(r, &s->value[1]);
    if (!e && s->value[1] > 1) return unreadable(r, factor, "a factor of at most 1 is wanted");
    if (!e) e = want(r, ",", "',' is wanted");
    if (!e) e = steps(r, 1, &s->from[1]);
    return e ? e : want(r, ")", "')' is wanted");
}

/* --- the curves: how each is read, and its value --- */

/* How far step is from from[0] to from[1], in [0,1]. */
static double progress(const gan_schedule *s, int64_t step) {
    double u = (double)(step - s->from[0]) / (double)(s->from[1] - s->from[0]);
    return u < 0 ? 0 : u > 1 ? 1 : u;
}

static double at_pieces(const gan_schedule *s, int64_t step) {
    int i = 0;
    while (i + 1 < s->count && s->from[i + 1] <= step) i++;
    return s->value[i];
}

static double at_step(const gan_schedule *s, int64_t step) {
    return s->value[0] * pow(s->value[1], (double)(step / s->from[1]));
}

static double at_linear(const gan_schedule *s, int64_t step) {
    return s->value[0] + (s->value[1] - s->value[0]) * progress(s, step);
}

static double at_cosine(const gan_schedule *s, int64_t step) {
    const double pi = 3.14159265358979323846;
    double half = (1 + cos(pi * progress(s, step))) / 2;
    return s->value[1] + (s->value[0] - s->value[1]) * half;
}

static double at_exp(const gan_schedule *s, int64_t step) {
    return s->value[0] * pow(s->value[1] / s->value[0], progress(s, step));
}

#define NAME(code, name) name,
static const char *const names[] = {GAN_CURVE_LIST(NAME)};

static const struct {
    gan_status (*read)(reader *r);
    double (*at)(const gan_schedule *s, int64_t step);
} curves[] = {
    [GAN_CURVE_PIECES] = {pieces, at_pieces},  [GAN_CURVE_STEP] = {steplike, at_step},
    [GAN_CURVE_LINEAR] = {between, at_linear}, [GAN_CURVE_COSINE] = {between, at_cosine},
    [GAN_CURVE_EXP] = {between, at_exp},
};

#define CURVES ((int)(sizeof curves / sizeof *curves))

static gan_status warmup(reader *r) {
    if (!take(r, "warmup")) return GAN_OK;
    gan_status e = want(r, "(", "'(' is wanted");
    if (!e) e = steps(r, 1, &r->s->warmup);
    if (!e) e = want(r, ")", "')' is wanted");
    return e ? e : want(r, "*", "'*' and a schedule are wanted");
}

static gan_status form(reader *r) {
    gan_status e = warmup(r);
    if (e) return e;
    int curve = GAN_CURVE_PIECES + 1;
    while (curve < CURVES && !take(r, names[curve])) curve++;
    r->s->curve = curve < CURVES ? (gan_curve)curve : GAN_CURVE_PIECES;
    e = curves[r->s->curve].read(r);
    if (e) return e;
    skip_spaces(r);
    if (r->s->curve != GAN_CURVE_PIECES) r->s->count = 2;
    return *r->at ? unreadable(r, r->at, "the end is wanted") : GAN_OK;
}

gan_status gan_schedule_parse(const char *text, gan_schedule *out, gan_error *err) {
    gan_schedule s = {0};
    reader r = {text, text, &s, err};
    gan_status e = form(&r);
    if (!e) *out = s;
    return e;
}

double gan_schedule_at(const gan_schedule *s, int64_t step) {
    double value = curves[s->curve].at(s, step);
    return step < s->warmup ? value * (double)(step + 1) / (double)s->warmup : value;
}

/* A falling staircase ends at 0; the other curves stay between their values. */
void gan_schedule_range(const gan_schedule *s, double *low, double *high) {
    *low = *high = s->value[0];
    for (int i = 1; i < s->count; i++) {
        double v = s->value[i];
        if (s->curve == GAN_CURVE_STEP) v = v < 1 ? 0 : s->value[0];
        if (v < *low) *low = v;
        if (v > *high) *high = v;
    }
}
