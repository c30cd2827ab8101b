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

/* Of images. */
gan_status gan__generator_resnet9_check(const gan_network_config *c, gan_error *err);
gan_status gan__generator_srresnet_check(const gan_network_config *c, gan_error *err);
gan_status gan__generator_unet_check(const gan_network_config *c, gan_error *err);
gan_module *gan__generator_resnet9(const gan_network_config *c);
gan_module *gan__generator_srresnet(const gan_network_config *c);
gan_module *gan__generator_unet(const gan_network_config *c);
int64_t gan__generator_resnet9_weights(const gan_network_config *c);
int64_t gan__generator_srresnet_weights(const gan_network_config *c);
int64_t gan__generator_unet_weights(const gan_network_config *c);

#endif
