/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_GENERATOR_TABLE_H
#define GAN_NN_GENERATOR_TABLE_H

#include "nn/network.h"

gan_module *gan__generator_dcgan(const gan_network_config *c);
gan_module *gan__generator_mlp(const gan_network_config *c);
gan_module *gan__generator_resnet(const gan_network_config *c);
gan_module *gan__generator_transformer(const gan_network_config *c);
int64_t gan__generator_dcgan_weights(const gan_network_config *c);
int64_t gan__generator_mlp_weights(const gan_network_config *c);
int64_t gan__generator_resnet_weights(const gan_network_config *c);
int64_t gan__generator_transformer_weights(const gan_network_config *c);

#endif
