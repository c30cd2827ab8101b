/* SPDX-License-Identifier: MIT
 *
 * The architectures of the generator: a file and a row each. */
#include "nn/generator/table.h"

const gan__arch gan__generators[] = {
    {"dcgan", gan__dcgan_check, gan__generator_dcgan, gan__generator_dcgan_weights},
    {"mlp", gan__mlp_check, gan__generator_mlp, gan__generator_mlp_weights},
    {NULL, NULL, NULL, NULL},
};
