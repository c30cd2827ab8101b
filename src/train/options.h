/* SPDX-License-Identifier: MIT
 *
 * train/options.h - the table behind gan/config.h. */
#ifndef GAN_TRAIN_OPTIONS_H
#define GAN_TRAIN_OPTIONS_H

#include "gan/config.h"
#include "gan/loss.h"

typedef enum gan__kind {
    GAN__INT,
    GAN__NUMBER,
    GAN__TEXT,
    GAN__FLAG,
    GAN__CHOICE,
    GAN__SIDES,
    GAN__SCHEDULE
} gan__kind;

typedef struct gan__option {
    gan_option shown;
    gan__kind kind;
    size_t offset, room; /* of the field in gan_config */
    double low, high;    /* of numbers */
    const char *const *choices;
    int alters; /* a resumed run with another value would be another run */
} gan__option;

extern const gan__option gan__options[];
extern const int gan__option_count;

const gan__option *gan__option_find(const char *name);

/* Do the settings of a resolved config go together? GAN_EINVAL and GAN_EMODEL name those that do
 * not. (train/combine.c) */
gan_status gan__config_combine(const gan_config *c, const gan_objective *o, gan_error *err);

/* gan_config_to_json(), or only the settings that alter a run. */
char *gan__config_json(const gan_config *c, int altering);

#endif
