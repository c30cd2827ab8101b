/* SPDX-License-Identifier: MIT
 *
 * The penalties: a row each; and lists of them as text. */
#include "nn/penalty/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const gan_penalty *const table[] = {
    &gan__penalty_gp,     &gan__penalty_gp0,     &gan__penalty_r1,    &gan__penalty_r2,
    &gan__penalty_dragan, &gan__penalty_dragan0, &gan__penalty_drift,
};

#define COUNT ((int)(sizeof table / sizeof *table))

const gan_penalty *gan_penalty_at(int i) {
    return i >= 0 && i < COUNT ? table[i] : NULL;
}

static const gan_penalty *find(const char *name, size_t n, gan_error *err) {
    char known[128] = "";
    for (int i = 0; i < COUNT; i++) {
        if (strlen(table[i]->name) == n && !strncmp(table[i]->name, name, n)) return table[i];
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 table[i]->name);
    }
    gan__fail(err, GAN_EINVAL, "there is no penalty '%.*s'; known: %s", (int)(n < 80 ? n : 80),
              name, known);
    return NULL;
}

/* The '+' before the next name, or the end; that of a number such as 1e+3 is none. */
static const char *item_end(const char *at) {
    while (*at && !(*at == '+' && isalpha((unsigned char)at[1]))) at++;
    return at;
}

/* One NAME:WEIGHT, from at to end. */
static gan_status item(const char *at, const char *end, gan_penalties *p, gan_error *err) {
    char weight[GAN_SCHEDULE_TEXT];
    const char *colon = memchr(at, ':', (size_t)(end - at));
    size_t length = colon ? (size_t)(end - colon - 1) : 0;
    if (p->count == GAN_PENALTIES)
        return gan__fail(err, GAN_EINVAL, "more than %d penalties, from '%.80s' on", GAN_PENALTIES,
                         at);
    if (!colon || length >= sizeof weight)
        return gan__fail(err, GAN_EINVAL, "'%.*s' is not NAME:WEIGHT; write r1:0.5, or none",
                         (int)(end - at < 80 ? end - at : 80), at);
    memcpy(weight, colon + 1, length);
    weight[length] = 0;
    p->item[p->count].penalty = find(at, (size_t)(colon - at), err);
    if (!p->item[p->count].penalty) return GAN_EINVAL;
    for (int i = 0; i < p->count; i++)
        if (p->item[i].penalty == p->item[p->count].penalty)
            return gan__fail(err, GAN_EINVAL, "penalty %s is there twice",
                             p->item[i].penalty->name);
    gan_status s = gan_schedule_parse(weight, &p->item[p->count].weight, err);
    if (s) return gan__prefix(err, s, "the weight of %s", p->item[p->count].penalty->name);
    p->count++;
    return GAN_OK;
}

gan_status gan_penalties_parse(const char *text, gan_penalties *out, gan_error *err) {
    gan_penalties p = {0};
    gan_status s = GAN_OK;
    for (const char *at = text, *end; !s && strcmp(text, "none"); at = end + 1) {
        end = item_end(at);
        s = item(at, end, &p, err);
        if (!*end) break;
    }
    if (!s) *out = p;
    return s;
}

int gan_penalties_per_image(const gan_penalties *p) {
    for (int i = 0; i < p->count; i++)
        if (p->item[i].penalty->per_image) return 1;
    return 0;
}
