/* SPDX-License-Identifier: MIT
 *
 * The architectures of the generator: a file and a row each. */
#include "nn/generator/table.h"

#include "nn/transformer.h"

const gan__arch gan__generators[] = {
    {"dcgan", gan__pyramid_check, gan__generator_dcgan, gan__generator_dcgan_weights},
    {"mlp", gan__mlp_check, gan__generator_mlp, gan__generator_mlp_weights},
    {"resnet", gan__pyramid_check, gan__generator_resnet, gan__generator_resnet_weights},
    {"transformer", gan__transformer_check, gan__generator_transformer,
     gan__generator_transformer_weights},
    {NULL, NULL, NULL, NULL},
};
