/* SPDX-License-Identifier: MIT
 *
 * The terms of a generator's loss: a row each; and lists of them as text. */
#include "nn/term/table.h"

#include <stddef.h>

#include "nn/weighted.h"

static const gan_term *const table[] = {
    &gan__term_l1,  &gan__term_l2,    &gan__term_charbonnier, &gan__term_perceptual,
    &gan__term_vgg, &gan__term_cycle, &gan__term_identity,
};

#define COUNT ((int)(sizeof table / sizeof *table))

const gan_term *gan_term_at(int i) {
    return i >= 0 && i < COUNT ? table[i] : NULL;
}

static const char *name(int i) {
    return gan_term_at(i) ? gan_term_at(i)->name : NULL;
}

gan_status gan_terms_parse(const char *text, gan_terms *out, gan_error *err) {
    gan__weighted sum;
    gan_status s = gan__weighted_parse("term", name, text, &sum, err);
    if (s) return s;
    *out = (gan_terms){.count = sum.count};
    for (int i = 0; i < sum.count; i++) {
        out->item[i].term = table[sum.item[i].row];
        out->item[i].weight = sum.item[i].weight;
    }
    return GAN_OK;
}
