/* SPDX-License-Identifier: MIT
 *
 * DCGAN's generator (arXiv:1511.06434): the latent vector becomes the innermost image, each level
 * doubles its side and halves its channels. For 64x64: nz -> 8f (4x4) -> 4f (8x8) -> 2f -> f ->
 * channels (64x64). */
#include "gan/layer.h"
#include "nn/generator/table.h"

gan_module *gan__generator_dcgan(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    int levels = gan__pyramid_levels(c), innermost = (int)gan__pyramid_innermost(c);
    int64_t in = gan__pyramid_channels(c, levels - 1);
    gan__add_weighted(net, c, gan_conv_transpose_layer(c->nz, in, innermost, 1, 0, 0, 0));
    int64_t side = innermost;
    for (int i = levels - 2; i >= 0; i--, side *= 2) {
        int64_t out = gan__pyramid_channels(c, i);
        gan__add_hidden(net, c, in, c->norm, 0);
        gan__add_attention(net, c, side, in);
        gan__add_weighted(net, c, gan_conv_transpose_layer(in, out, 4, 2, 1, 0, 0));
        in = out;
    }
    gan__add_hidden(net, c, in, c->norm, 0);
    gan__add_attention(net, c, side, in);
    gan__add_weighted(net, c, gan_conv_transpose_layer(in, c->channels, 4, 2, 1, 0, 0));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    return net;
}

int64_t gan__generator_dcgan_weights(const gan_network_config *c) {
    int levels = gan__pyramid_levels(c);
    int64_t side = gan__pyramid_innermost(c);
    int64_t n = c->nz * gan__pyramid_channels(c, levels - 1) * side * side;
    for (int i = levels - 1; i > 0; i--, side *= 2) {
        n += 16 * gan__pyramid_channels(c, i) * gan__pyramid_channels(c, i - 1);
        n += gan__attention_weights(c, side, gan__pyramid_channels(c, i));
        n += gan__norm_weights(c, gan__pyramid_channels(c, i));
    }
    n += gan__norm_weights(c, gan__pyramid_channels(c, 0));
    n += gan__attention_weights(c, side, gan__pyramid_channels(c, 0));
    return n + 16 * gan__pyramid_channels(c, 0) * c->channels;
}
