/* SPDX-License-Identifier: MIT
 *
 * Translation without pairs (CycleGAN, arXiv:1703.10593): two generators, there and back, and a
 * discriminator for the images of each. A picture of the data set is one of each set, side by side,
 * that have nothing to do with each other. */
#include <string.h>

#include "base/error.h"
#include "train/task/task.h"

static gan_status check(const gan_config *c, gan_error *err) {
    if (!*c->data_b)
        return gan__fail(err, GAN_EINVAL,
                         "--task cycle wants --data-b PATH: the images to translate into");
    return GAN_OK;
}

const gan__task gan__task_cycle = {"cycle", "resnet9",      "patch",         2, 0, 1,
                                   check,   gan__same_size, gan__take_halves};
