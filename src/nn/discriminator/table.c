/* SPDX-License-Identifier: MIT
 *
 * The architectures of the discriminator: a file and a row each. */
#include "nn/discriminator/table.h"

#include "nn/transformer.h"

const gan__arch gan__discriminators[] = {
    {"dcgan", gan__pyramid_check, gan__discriminator_dcgan, NULL, 0},
    {"mlp", gan__mlp_check, gan__discriminator_mlp, NULL, 0},
    {"patch", gan__discriminator_patch_check, gan__discriminator_patch, NULL, 0},
    {"resnet", gan__pyramid_check, gan__discriminator_resnet, NULL, 0},
    {"srgan", gan__discriminator_srgan_check, gan__discriminator_srgan, NULL, 0},
    {"transformer", gan__transformer_check, gan__discriminator_transformer, NULL, 0},
    {NULL, NULL, NULL, NULL, 0},
};
