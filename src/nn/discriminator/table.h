/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_DISCRIMINATOR_TABLE_H
#define GAN_NN_DISCRIMINATOR_TABLE_H

#include "nn/network.h"

gan_module *gan__discriminator_dcgan(const gan_network_config *c);
gan_module *gan__discriminator_mlp(const gan_network_config *c);
gan_module *gan__discriminator_patch(const gan_network_config *c);
gan_module *gan__discriminator_resnet(const gan_network_config *c);
gan_module *gan__discriminator_srgan(const gan_network_config *c);
gan_module *gan__discriminator_transformer(const gan_network_config *c);
gan_status gan__discriminator_patch_check(const gan_network_config *c, gan_error *err);
gan_status gan__discriminator_srgan_check(const gan_network_config *c, gan_error *err);

#endif
