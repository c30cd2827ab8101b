/* SPDX-License-Identifier: MIT
 *
 * train/presets.h - settings that go together, by name. */
#ifndef GAN_TRAIN_PRESETS_H
#define GAN_TRAIN_PRESETS_H

#include "gan/loss.h"

typedef struct gan_preset {
    const char *name;
    int named;         /* 0: "none", which leaves all to the loss's recipe */
    gan_recipe recipe; /* penalty NULL: the loss's own */
} gan_preset;

/* NULL with a message that lists the known ones. Static. */
const gan_preset *gan__preset_find(const char *name, gan_error *err);

#endif
