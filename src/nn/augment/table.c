/* SPDX-License-Identifier: MIT
 *
 * The kinds: a row each, in the order in which they are done; groups of them; and lists as text. */
#include "nn/augment/table.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "tensor/internal.h"

static const gan__augmentation table[] = {
    {"color", gan__augment_color, NULL, NULL},    {"translation", NULL, gan__move_shift, NULL},
    {"xflip", NULL, gan__move_flip, NULL},        {"rot90", NULL, gan__move_quarter, NULL},
    {"xint", NULL, gan__move_shift, NULL},        {"scale", NULL, gan__move_scale, NULL},
    {"rotate", NULL, gan__move_rotate, NULL},     {"brightness", NULL, NULL, gan__tint_brightness},
    {"contrast", NULL, NULL, gan__tint_contrast}, {"lumaflip", NULL, NULL, gan__tint_lumaflip},
    {"hue", NULL, NULL, gan__tint_hue},           {"saturation", NULL, NULL, gan__tint_saturation},
    {"cutout", gan__augment_cutout, NULL, NULL},
};

#define KINDS ((int)(sizeof table / sizeof *table))

static const struct {
    const char *name, *kinds;
} groups[] = {
    {"diffaugment", "color+translation+cutout"},
    {"ada", "xflip+rot90+xint+scale+rotate+brightness+contrast+lumaflip+hue+saturation"},
};

#define GROUPS ((int)(sizeof groups / sizeof *groups))

const char *gan_augment_name(int i) {
    if (i < 0 || i >= KINDS + GROUPS) return NULL;
    return i < KINDS ? table[i].name : groups[i - KINDS].name;
}

unsigned gan__augment_colours(unsigned kinds) {
    unsigned found = 0;
    for (int i = 0; i < KINDS; i++)
        if (table[i].tint || table[i].batch == gan__augment_color) found |= 1u << i;
    return kinds & found;
}

/* --- lists --- */

static int is_name(const char *name, const char *at, size_t n) {
    return strlen(name) == n && !memcmp(name, at, n);
}

static gan_status unknown(const char *at, size_t n, gan_error *err) {
    char known[GAN_AUGMENT_TEXT] = "none";
    for (int i = 0; gan_augment_name(i); i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), ", %s", gan_augment_name(i));
    return gan__fail(err, GAN_EINVAL, "there is no augmentation '%.*s'; known: %s",
                     (int)(n < 80 ? n : 80), at, known);
}

gan_status gan_augment_parse(const char *text, unsigned *kinds, gan_error *err) {
    unsigned found = 0;
    *kinds = 0;
    if (!strcmp(text, "none")) return GAN_OK;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, "+");
        unsigned more = 0;
        for (int i = 0; i < KINDS; i++)
            if (is_name(table[i].name, at, n)) more = 1u << i;
        for (int i = 0; i < GROUPS; i++)
            if (is_name(groups[i].name, at, n))
                (void)gan_augment_parse(groups[i].kinds, &more, err);
        if (!more) return unknown(at, n, err);
        found |= more;
        at += n;
        if (!*at) break;
    }
    *kinds = found;
    return GAN_OK;
}

/* --- images --- */

/* The maps of rows [from, to), one after the other, for each image. */
static gan_tensor *moved(gan_tape *t, gan_tensor *x, const gan_augment *a, int from, int to) {
    static const gan__move none = {{1, 0, 0, 0, 1, 0}};
    int64_t n = gan_tensor_dim(x, 0), h = gan_tensor_dim(x, 1), w = gan_tensor_dim(x, 2);
    gan__move *m = gan__tape_take(t, (size_t)n * sizeof *m);
    for (int64_t i = 0; i < n && m; i++) {
        m[i] = none;
        for (int k = from; k < to; k++)
            if (a->kinds >> k & 1 && gan__augment_chance(a->p, a->rng))
                table[k].move(&m[i], h, w, a->rng);
    }
    return m ? gan__move_images(t, x, m) : NULL;
}

static gan_tensor *tinted(gan_tape *t, gan_tensor *x, const gan_augment *a, int from, int to) {
    static const gan__tint none = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
    int64_t n = gan_tensor_dim(x, 0);
    gan__tint *c = gan__tape_take(t, (size_t)n * sizeof *c);
    for (int64_t i = 0; i < n && c; i++) {
        c[i] = none;
        for (int k = from; k < to; k++)
            if (a->kinds >> k & 1 && gan__augment_chance(a->p, a->rng))
                table[k].tint(&c[i], a->rng);
    }
    return c ? gan__tint_images(t, x, c) : NULL;
}

static int same_sort(const gan__augmentation *a, const gan__augmentation *b) {
    return !a->batch && !b->batch && !a->move == !b->move;
}

gan_tensor *gan_augment_images(gan_tape *t, gan_tensor *x, const gan_augment *a) {
    if (!a || a->p <= 0) return x;
    for (int from = 0, to; from < KINDS && x; from = to) {
        unsigned wanted = 0;
        for (to = from; to < KINDS && (to == from || same_sort(&table[from], &table[to])); to++)
            wanted |= a->kinds >> to & 1;
        if (!wanted) continue;
        if (table[from].batch)
            x = table[from].batch(t, x, a->p, a->rng);
        else if (table[from].move)
            x = moved(t, x, a, from, to);
        else
            x = tinted(t, x, a, from, to);
    }
    return x;
}
