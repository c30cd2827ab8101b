/* SPDX-License-Identifier: MIT
 *
 * The penalties: a row each; and lists of them as text. */
#include "nn/penalty/table.h"

#include "nn/weighted.h"

static const gan_penalty *const table[] = {
    &gan__penalty_gp,     &gan__penalty_gp0,     &gan__penalty_r1,    &gan__penalty_r2,
    &gan__penalty_dragan, &gan__penalty_dragan0, &gan__penalty_drift,
};

#define COUNT ((int)(sizeof table / sizeof *table))

const gan_penalty *gan_penalty_at(int i) {
    return i >= 0 && i < COUNT ? table[i] : NULL;
}

static const char *name(int i) {
    return gan_penalty_at(i) ? gan_penalty_at(i)->name : NULL;
}

gan_status gan_penalties_parse(const char *text, gan_penalties *out, gan_error *err) {
    gan__weighted sum;
    gan_status s = gan__weighted_parse("penalty", name, text, &sum, err);
    if (s) return s;
    *out = (gan_penalties){.count = sum.count};
    for (int i = 0; i < sum.count; i++) {
        out->item[i].penalty = table[sum.item[i].row];
        out->item[i].weight = sum.item[i].weight;
    }
    return GAN_OK;
}

int gan_penalties_per_image(const gan_penalties *p) {
    for (int i = 0; i < p->count; i++)
        if (p->item[i].penalty->per_image) return 1;
    return 0;
}
