/* SPDX-License-Identifier: MIT
 *
 * nn/transformer.h - what the pair of arch transformer shares. */
#ifndef GAN_NN_TRANSFORMER_H
#define GAN_NN_TRANSFORMER_H

#include "nn/network.h"

/* Sides 32, 64 and 128; norms over images, spectral norms and attention at a side are refused. */
gan_status gan__transformer_check(const gan_network_config *c, gan_error *err);

/* `count` blocks of `embed` channels on an image of that side, under names stem.0, stem.1, ... From 32
 * on tokens see each other in windows of 16 x 16. */
void gan__add_blocks(gan_module *net, const gan_network_config *c, const char *stem, int count,
                     int64_t side, int64_t embed);

/* Blocks of a stage: config->depth, or 5, 4, 2, 2, ... from the innermost image outwards. */
int gan__transformer_depth(const gan_network_config *c, int stage);

/* The weights of one. */
int64_t gan__block_weights(int64_t embed);

#endif
