/* SPDX-License-Identifier: MIT
 *
 * The objectives: a file and a row each. */
#include "nn/loss/table.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const gan_objective *const table[] = {
    &gan__loss_standard,     &gan__loss_lsgan, &gan__loss_hinge,
    &gan__loss_relativistic, &gan__loss_wgan,  &gan__loss_wgan_gp,
};

#define COUNT ((int)(sizeof table / sizeof *table))

const gan_objective *gan_objective_at(int i) {
    return i >= 0 && i < COUNT ? table[i] : NULL;
}

const gan_objective *gan_objective_find(const char *name, gan_error *err) {
    char known[256] = "";
    for (int i = 0; i < COUNT; i++) {
        if (!strcmp(table[i]->name, name)) return table[i];
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 table[i]->name);
    }
    gan__fail(err, GAN_EINVAL, "there is no loss '%s'; known: %s", name, known);
    return NULL;
}
