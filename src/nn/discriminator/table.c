/* SPDX-License-Identifier: MIT
 *
 * The architectures of the discriminator: a file and a row each. */
#include "nn/discriminator/table.h"

const gan__arch gan__discriminators[] = {
    {"dcgan", gan__pyramid_check, gan__discriminator_dcgan, NULL},
    {"mlp", gan__mlp_check, gan__discriminator_mlp, NULL},
    {"resnet", gan__pyramid_check, gan__discriminator_resnet, NULL},
    {NULL, NULL, NULL, NULL},
};
