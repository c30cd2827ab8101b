/* SPDX-License-Identifier: MIT
 *
 * The architectures of the discriminator: a file and a row each. */
#include "nn/discriminator/table.h"

#include "nn/transformer.h"

const gan__arch gan__discriminators[] = {
    {"dcgan", gan__pyramid_check, gan__discriminator_dcgan, NULL},
    {"mlp", gan__mlp_check, gan__discriminator_mlp, NULL},
    {"resnet", gan__pyramid_check, gan__discriminator_resnet, NULL},
    {"transformer", gan__transformer_check, gan__discriminator_transformer, NULL},
    {NULL, NULL, NULL, NULL},
};
