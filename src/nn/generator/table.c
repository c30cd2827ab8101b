/* SPDX-License-Identifier: MIT
 *
 * The architectures of the generator: a file and a row each. */
#include "nn/generator/table.h"

const gan__arch gan__generators[] = {
    {"dcgan", gan__dcgan_check, gan__generator_dcgan},
    {"mlp", gan__mlp_check, gan__generator_mlp},
    {NULL, NULL, NULL},
};
