/* SPDX-License-Identifier: MIT */
#include "gan/config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "gan/loss.h"
#include "tensor/safetensors.h"
#include "train/options.h"
#include "train/presets.h"
#include "train/task/task.h"

#define DEFAULT_EPOCHS 25 /* when nothing else limits a run */

static void *field(const gan_config *c, const gan__option *o) {
    return (char *)(uintptr_t)c + o->offset;
}

void gan_config_init(gan_config *c) {
    memset(c, 0, sizeof *c);
    c->size = sizeof *c;
    for (int i = 0; i < gan__option_count; i++)
        gan_config_set(c, gan__options[i].shown.name, gan__options[i].shown.fallback, NULL);
}

/* --- from text --- */

static int from_recipe(const gan__option *o, const char *value) {
    return !strcmp(value, "recipe") && !strcmp(o->shown.fallback, "recipe");
}

static gan_status out_of_range(const gan__option *o, const char *value, gan_error *err) {
    if (o->kind == GAN__INT)
        return gan__fail(err, GAN_EINVAL,
                         "--%s is '%.80s'; it must be a whole number from %lld to %lld",
                         o->shown.name, value, (long long)o->low, (long long)o->high);
    return gan__fail(err, GAN_EINVAL, "--%s is '%.80s'; it must be a number from %.10g to %.10g",
                     o->shown.name, value, o->low, o->high);
}

static gan_status set_int(const gan__option *o, const char *value, int64_t *out, gan_error *err) {
    char *end;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (end == value || *end || errno || (double)v < o->low || (double)v > o->high)
        return out_of_range(o, value, err);
    *out = v;
    return GAN_OK;
}

/* "0.1" or "10%", and nothing behind it. */
static int is_number(const char *value, double *v) {
    char *end;
    *v = gan__number_read(value, &end);
    if (end != value && *end == '%') *v /= 100, end++;
    return end != value && !*end;
}

static gan_status set_number(const gan__option *o, const char *value, double *out, gan_error *err) {
    double v;
    int plain = is_number(value, &v);
    if (from_recipe(o, value))
        v = GAN_FROM_RECIPE;
    else if (!plain || !(v >= o->low && v <= o->high))
        return out_of_range(o, value, err);
    *out = v;
    return GAN_OK;
}

/* config.json and the files' metadata hold nothing but UTF-8. */
static gan_status set_text(const gan__option *o, const char *value, char *out, gan_error *err) {
    if (!gan__is_utf8(value))
        return gan__fail(err, GAN_EINVAL, "--%s is no UTF-8; rename it or use a link",
                         o->shown.name);
    if (strlen(value) >= o->room)
        return gan__fail(err, GAN_EINVAL, "--%s has %zu characters, at most %zu fit", o->shown.name,
                         strlen(value), o->room - 1);
    strcpy(out, value);
    return GAN_OK;
}

/* The shortest text that reads back as the same double. */
static void number_text(double v, char *text, size_t size) {
    for (int digits = 6; digits <= 17; digits++) {
        gan__number_write(v, digits, text, size);
        if (gan__number_read(text, NULL) == v) return;
    }
}

/* A plain number is kept in its shortest form, so that 2e-4 and 0.0002 are the same setting. */
static gan_status set_schedule(const gan__option *o, const char *value, char *out, gan_error *err) {
    gan_schedule schedule;
    double low, high, v;
    int plain = is_number(value, &v);
    if (from_recipe(o, value)) return set_text(o, value, out, err);
    if (plain && !(v >= o->low && v <= o->high)) return out_of_range(o, value, err);
    if (plain) return number_text(v, out, o->room), GAN_OK;
    gan_status s = gan_schedule_parse(value, &schedule, err);
    if (s) return gan__prefix(err, s, "--%s", o->shown.name);
    gan_schedule_range(&schedule, &low, &high);
    if (low < o->low || high > o->high)
        return gan__fail(err, GAN_EINVAL, "--%s is '%.80s'; its values must be from %.10g to %.10g",
                         o->shown.name, value, o->low, o->high);
    return set_text(o, value, out, err);
}

static gan_status set_flag(const gan__option *o, const char *value, int *out, gan_error *err) {
    if (strcmp(value, "true") && strcmp(value, "false"))
        return gan__fail(err, GAN_EINVAL, "--%s is '%.80s'; it must be true or false",
                         o->shown.name, value);
    *out = !strcmp(value, "true");
    return GAN_OK;
}

static gan_status set_choice(const gan__option *o, const char *value, int *out, gan_error *err) {
    char known[128] = "";
    if (from_recipe(o, value)) {
        *out = GAN_FROM_RECIPE;
        return GAN_OK;
    }
    for (int i = 0; o->choices[i]; i++) {
        if (!strcmp(o->choices[i], value)) {
            *out = i;
            return GAN_OK;
        }
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 o->choices[i]);
    }
    return gan__fail(err, GAN_EINVAL, "--%s is '%.80s'; it must be one of %s", o->shown.name, value,
                     known);
}

/* "64" or "48x64", height first. */
static gan_status set_sides(const gan__option *o, const char *value, int64_t *sides,
                            gan_error *err) {
    char *end;
    long h = strtol(value, &end, 10), w = h;
    if (end != value && *end == 'x') {
        const char *second = end + 1;
        w = strtol(second, &end, 10);
        if (end == second) end = (char *)(uintptr_t)value;
    }
    if (end == value || *end || (double)h < o->low || (double)h > o->high || (double)w < o->low ||
        (double)w > o->high)
        return gan__fail(err, GAN_EINVAL, "--%s is '%.80s'; write 64, or 48x64 for height x width",
                         o->shown.name, value);
    sides[0] = h;
    sides[1] = w;
    return GAN_OK;
}

gan_status gan_config_set(gan_config *c, const char *name, const char *value, gan_error *err) {
    const gan__option *o = gan__option_find(name);
    if (!o) return gan__fail(err, GAN_EINVAL, "there is no setting '%s'", name);
    switch (o->kind) {
    case GAN__INT:
        return set_int(o, value, field(c, o), err);
    case GAN__NUMBER:
        return set_number(o, value, field(c, o), err);
    case GAN__TEXT:
        return set_text(o, value, field(c, o), err);
    case GAN__SCHEDULE:
        return set_schedule(o, value, field(c, o), err);
    case GAN__FLAG:
        return set_flag(o, value, field(c, o), err);
    case GAN__CHOICE:
        return set_choice(o, value, field(c, o), err);
    case GAN__SIDES:
        return set_sides(o, value, &c->height, err);
    }
    return GAN_EINVAL;
}

gan_status gan_config_set_all(gan_config *c, int count, const char *const words[], gan_error *err) {
    gan_status s = GAN_OK;
    for (int i = 0; i + 1 < count && !s; i += 2) s = gan_config_set(c, words[i], words[i + 1], err);
    if (!s && count % 2)
        s = gan__fail(err, GAN_EINVAL, "the setting '%s' has no value", words[count - 1]);
    return s;
}

/* --- to text --- */

/* A value outside the list, which only a program can set, is a number that no list has. */
static void choice_text(const gan__option *o, int choice, char *text, size_t size) {
    int count = 0;
    while (o->choices[count]) count++;
    if (choice >= 0 && choice < count)
        snprintf(text, size, "%s", o->choices[choice]);
    else if (choice == GAN_FROM_RECIPE)
        snprintf(text, size, "recipe");
    else
        snprintf(text, size, "%d", choice);
}

static void option_text(const gan_config *c, const gan__option *o, char *text, size_t size) {
    const void *at = field(c, o);
    switch (o->kind) {
    case GAN__INT:
        snprintf(text, size, "%lld", (long long)*(const int64_t *)at);
        break;
    case GAN__NUMBER:
        if (*(const double *)at == GAN_FROM_RECIPE && from_recipe(o, "recipe"))
            snprintf(text, size, "recipe");
        else
            number_text(*(const double *)at, text, size);
        break;
    case GAN__TEXT:
    case GAN__SCHEDULE:
        snprintf(text, size, "%s", (const char *)at);
        break;
    case GAN__FLAG:
        snprintf(text, size, "%s", *(const int *)at ? "true" : "false");
        break;
    case GAN__CHOICE:
        choice_text(o, *(const int *)at, text, size);
        break;
    case GAN__SIDES:
        if (c->height == c->width)
            snprintf(text, size, "%lld", (long long)c->height);
        else
            snprintf(text, size, "%lldx%lld", (long long)c->height, (long long)c->width);
        break;
    }
}

void gan_config_get(const gan_config *c, const char *name, char *text, size_t size) {
    const gan__option *o = gan__option_find(name);
    if (size) text[0] = 0;
    if (o) option_text(c, o, text, size);
}

const char *gan_config_conflict(const gan_config *a, const gan_config *b) {
    for (int i = 0; i < gan__option_count; i++) {
        const gan__option *o = &gan__options[i];
        char ta[GAN_TEXT], tb[GAN_TEXT];
        option_text(a, o, ta, sizeof ta);
        option_text(b, o, tb, sizeof tb);
        if (o->alters && strcmp(ta, tb)) return o->shown.name;
    }
    return NULL;
}

/* --- the whole --- */

static void take(double *setting, double recipe) {
    if (*setting == GAN_FROM_RECIPE) *setting = recipe;
}

static void take_number(char *setting, double recipe) {
    if (!strcmp(setting, "recipe")) number_text(recipe, setting, GAN_SCHEDULE_TEXT);
}

static void take_text(char *setting, size_t room, const char *recipe) {
    if (!strcmp(setting, "recipe")) snprintf(setting, room, "%s", recipe);
}

static void take_recipe(gan_config *c, const gan_recipe *r) {
    take_number(c->lr_g, r->lr_g);
    take_number(c->lr_d, r->lr_d);
    take(&c->beta1, r->beta1);
    take(&c->beta2, r->beta2);
    if (c->optimizer == GAN_FROM_RECIPE) c->optimizer = (int)r->optimizer;
    take_text(c->n_critic, sizeof c->n_critic, r->n_critic);
    take_text(c->penalty, sizeof c->penalty, r->penalty);
}

/* A preset says nothing of the penalty: that is the loss's. */
static void take_preset(gan_config *c, const gan_preset *p, const gan_objective *o) {
    gan_recipe r = p->recipe;
    r.penalty = o->recipe.penalty;
    take_recipe(c, &r);
}

/* Ranges again, for fields that a program has set itself. */
static gan_status check_ranges(const gan_config *c, gan_error *err) {
    gan_config copy = *c;
    for (int i = 0; i < gan__option_count; i++) {
        char text[GAN_TEXT];
        option_text(c, &gan__options[i], text, sizeof text);
        gan_status s = gan_config_set(&copy, gan__options[i].shown.name, text, err);
        if (s) return s;
    }
    return GAN_OK;
}

gan_status gan_config_resolve(gan_config *c, gan_error *err) {
    if (c->size != sizeof *c)
        return gan__fail(err, GAN_EINVAL, "start the config with gan_config_init()");
    const gan_objective *o = gan_objective_find(c->loss, err);
    if (!o) return gan__prefix(err, GAN_EINVAL, "--loss");
    const gan_preset *p = gan__preset_find(c->preset, err);
    if (!p) return gan__prefix(err, GAN_EINVAL, "--preset");
    if (p->named) take_preset(c, p, o);
    take_recipe(c, &o->recipe);
    gan_status s = check_ranges(c, err);
    if (s) return s;
    if (c->channels == 2)
        return gan__fail(err, GAN_EINVAL, "--channels is 2; it must be 1 (grey) or 3 (colour)");
    unsigned char rgb[3];
    s = gan_config_background(c, rgb, err);
    return s ? s : gan__config_combine(c, o, err);
}

int64_t gan_config_epochs(const gan_config *c) {
    return c->steps || c->epochs || c->max_minutes > 0 ? c->epochs : DEFAULT_EPOCHS;
}

gan_status gan_config_background(const gan_config *c, unsigned char rgb[3], gan_error *err) {
    const char *text = c->background;
    if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
        return gan__fail(err, GAN_EINVAL,
                         "--background is '%s'; it must be six hexadecimal digits, ff0000 for red",
                         text);
    unsigned long colour = strtoul(text, NULL, 16);
    for (int i = 0; i < 3; i++) rgb[i] = (unsigned char)(colour >> (16 - 8 * i));
    return GAN_OK;
}

/* The architecture of one network: its own, the task's, or the one of both. */
static const char *arch_of(const gan_config *c, const char *own, const char *tasks) {
    if (*own && strcmp(own, "auto")) return own;
    return tasks ? tasks : c->arch;
}

static gan_network_config network(const gan_config *c, const char *arch, int norm, double dropout) {
    gan_network_config n = GAN_NETWORK_DEFAULTS;
    snprintf(n.arch, sizeof n.arch, "%s", arch);
    n.height = c->height;
    n.width = c->width;
    n.channels = c->channels;
    n.nz = c->nz;
    n.features = c->features;
    n.attention = c->attention;
    n.depth = c->depth;
    n.norm = (gan_norm_kind)norm;
    n.dropout = dropout;
    return n;
}

gan_network_config gan_config_generator(const gan_config *c) {
    const gan__task *task = gan__task_find(c->task, NULL);
    const char *arch = arch_of(c, c->arch_g, task ? task->arch_g : NULL);
    gan_network_config n = network(c, arch, c->norm_g, c->dropout_g);
    n.spectral = c->spectral_g;
    n.condition = (gan_condition)c->condition_g;
    n.classes = c->condition_g ? c->classes : 0;
    if (task && task->source) task->source(c, &n);
    n.twin = task && task->both_ways;
    return n;
}

gan_network_config gan_config_discriminator(const gan_config *c) {
    gan_penalties p;
    int penalised = !gan_penalties_parse(c->penalty, &p, NULL) && gan_penalties_per_image(&p);
    int none = penalised && c->norm_d == GAN_NORM_AUTO;
    const gan__task *task = gan__task_find(c->task, NULL);
    const char *arch = arch_of(c, c->arch_d, task ? task->arch_d : NULL);
    gan_network_config n = network(c, arch, none ? GAN_NORM_NONE : c->norm_d, c->dropout);
    n.spectral = c->spectral_d;
    n.stddev = c->stddev;
    n.pack = c->pack;
    n.twin = task && task->both_ways;
    if (task && task->beside) n.channels *= 2; /* of the source, and of the image */
    n.condition = (gan_condition)c->condition_d;
    n.classes = c->condition_d ? c->classes : 0;
    return n;
}
