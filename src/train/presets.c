/* SPDX-License-Identifier: MIT
 *
 * A preset is a row.
 *
 *   ttur   two time-scale update rule, arXiv:1706.08500, with the rates of arXiv:1805.08318: the
 *          discriminator learns four times as fast as the generator, so that one step of each is
 *          enough */
#include "train/presets.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const gan_preset table[] = {
    {"none", 0, {GAN_ADAM, 0, 0, 0, 0, NULL, NULL}},
    {"ttur", 1, {GAN_ADAM, 1e-4, 4e-4, 0, 0.9, "1", NULL}},
};

const gan_preset *gan__preset_find(const char *name, gan_error *err) {
    char known[256] = "";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!strcmp(table[i].name, name)) return &table[i];
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 table[i].name);
    }
    gan__fail(err, GAN_EINVAL, "there is no preset '%s'; known: %s", name, known);
    return NULL;
}
