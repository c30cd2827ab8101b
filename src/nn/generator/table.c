/* SPDX-License-Identifier: MIT
 *
 * The architectures of the generator: a file and a row each. */
#include "nn/generator/table.h"

#include "nn/transformer.h"

const gan__arch gan__generators[] = {
    {"dcgan", gan__pyramid_check, gan__generator_dcgan, gan__generator_dcgan_weights, 0},
    {"mlp", gan__mlp_check, gan__generator_mlp, gan__generator_mlp_weights, 0},
    {"resnet", gan__pyramid_check, gan__generator_resnet, gan__generator_resnet_weights, 0},
    {"resnet9", gan__generator_resnet9_check, gan__generator_resnet9,
     gan__generator_resnet9_weights, 1},
    {"srresnet", gan__generator_srresnet_check, gan__generator_srresnet,
     gan__generator_srresnet_weights, 1},
    {"transformer", gan__transformer_check, gan__generator_transformer,
     gan__generator_transformer_weights, 0},
    {"unet", gan__generator_unet_check, gan__generator_unet, gan__generator_unet_weights, 1},
    {NULL, NULL, NULL, NULL, 0},
};
