/* SPDX-License-Identifier: MIT
 *
 * TransGAN's generator (arXiv:2102.07074): an 8x8 image of tokens, and stages of transformer blocks
 * between which pixel shuffle turns four channels into four pixels. For 32x32: nz -> 16f (8x8) -> 4f
 * (16x16) -> f (32x32) -> channels; each doubling more begins with four times the channels. */
#include "gan/layer.h"
#include "nn/generator/table.h"
#include "nn/transformer.h"

enum { INNERMOST = 8 };

static int64_t widest(const gan_network_config *c) {
    int64_t channels = c->features;
    for (int64_t side = INNERMOST; side < c->height; side *= 2) channels *= 4;
    return channels;
}

gan_module *gan__generator_transformer(const gan_network_config *c) {
    gan_module *net = gan_sequential(NULL);
    int64_t embed = widest(c), side = INNERMOST;
    gan_module_add(net, "l1", gan_linear(c->nz, side * side * embed, 1));
    gan_module_add(net, NULL, gan_unflatten(side, side, embed));
    for (int stage = 0;; stage++, side *= 2, embed /= 4) {
        char stem[16] = "blocks0";
        stem[6] = (char)('1' + stage);
        gan__add_numbered(net, "pos", stage + 1, gan_position_layer(side, side, embed));
        gan__add_blocks(net, c, stem, gan__transformer_depth(c, stage), side, embed);
        if (side == c->height) break;
        gan_module_add(net, NULL, gan_pixel_shuffle_layer(2));
    }
    gan_module_add(net, "to_rgb", gan_conv_layer(embed, c->channels, 1, 1, 0, 1));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    return net;
}

int64_t gan__generator_transformer_weights(const gan_network_config *c) {
    int64_t embed = widest(c), side = INNERMOST, n = c->nz * side * side * embed;
    for (int stage = 0;; stage++, side *= 2, embed /= 4) {
        n += gan__transformer_depth(c, stage) * gan__block_weights(embed);
        if (side == c->height) return n + embed * c->channels;
    }
}
