/* SPDX-License-Identifier: MIT */
#include "nn/weighted.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Who reads what. */
typedef struct reader {
    const char *what;
    const char *(*name)(int i);
    gan__weighted *sum;
} reader;

/* -1: there is none. */
static int find(const reader *r, const char *name, size_t n, gan_error *err) {
    char known[256] = "";
    for (int i = 0; r->name(i); i++) {
        if (strlen(r->name(i)) == n && !strncmp(r->name(i), name, n)) return i;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 r->name(i));
    }
    gan__fail(err, GAN_EINVAL, "there is no %s '%.*s'; known: %s", r->what, (int)(n < 80 ? n : 80),
              name, known);
    return -1;
}

/* The '+' before the next name, or the end; that of a number such as 1e+3 is none. */
static const char *item_end(const char *at) {
    while (*at && !(*at == '+' && isalpha((unsigned char)at[1]))) at++;
    return at;
}

/* One NAME:WEIGHT, from at to end. */
static gan_status item(const reader *r, const char *at, const char *end, gan_error *err) {
    char weight[GAN_SCHEDULE_TEXT];
    gan__weighted *p = r->sum;
    const char *colon = memchr(at, ':', (size_t)(end - at));
    size_t length = colon ? (size_t)(end - colon - 1) : 0;
    if (p->count == GAN__WEIGHTED)
        return gan__fail(err, GAN_EINVAL, "more than %d of them, from '%.80s' on", GAN__WEIGHTED,
                         at);
    if (!colon || length >= sizeof weight)
        return gan__fail(err, GAN_EINVAL, "'%.*s' is not NAME:WEIGHT; write %s:0.5, or none",
                         (int)(end - at < 80 ? end - at : 80), at, r->name(0));
    memcpy(weight, colon + 1, length);
    weight[length] = 0;
    int row = find(r, at, (size_t)(colon - at), err);
    if (row < 0) return GAN_EINVAL;
    for (int i = 0; i < p->count; i++)
        if (p->item[i].row == row)
            return gan__fail(err, GAN_EINVAL, "%s %s is there twice", r->what, r->name(row));
    gan_status s = gan_schedule_parse(weight, &p->item[p->count].weight, err);
    if (s) return gan__prefix(err, s, "the weight of %s", r->name(row));
    p->item[p->count++].row = row;
    return GAN_OK;
}

gan_status gan__weighted_parse(const char *what, const char *(*name)(int i), const char *text,
                               gan__weighted *out, gan_error *err) {
    gan__weighted sum = {0};
    reader r = {what, name, &sum};
    gan_status s = GAN_OK;
    for (const char *at = text, *end; !s && strcmp(text, "none"); at = end + 1) {
        end = item_end(at);
        s = item(&r, at, end, err);
        if (!*end) break;
    }
    if (!s) *out = sum;
    return s;
}
