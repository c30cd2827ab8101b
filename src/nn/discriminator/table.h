/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_DISCRIMINATOR_TABLE_H
#define GAN_NN_DISCRIMINATOR_TABLE_H

#include "nn/network.h"

gan_module *gan__discriminator_dcgan(const gan_network_config *c);
gan_module *gan__discriminator_mlp(const gan_network_config *c);
gan_module *gan__discriminator_resnet(const gan_network_config *c);
gan_module *gan__discriminator_transformer(const gan_network_config *c);

#endif
