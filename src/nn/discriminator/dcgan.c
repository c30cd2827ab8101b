/* SPDX-License-Identifier: MIT
 *
 * DCGAN's discriminator (arXiv:1511.06434): each level halves the side and doubles the channels;
 * the first has no norm. For 64x64: channels -> f (32x32) -> 2f -> 4f -> 8f (4x4) -> 1. A pack's
 * images come as channels; a minibatch standard deviation joins the 4x4 image. */
#include "gan/layer.h"
#include "nn/discriminator/table.h"

gan_module *gan__discriminator_dcgan(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    int levels = gan__pyramid_levels(c), innermost = (int)gan__pyramid_innermost(c);
    gan_norm_kind norm = gan__discriminator_norm(c, GAN_NORM_BATCH);
    int64_t in = c->pack * c->channels;
    for (int i = 0; i < levels; i++) {
        int64_t out = gan__pyramid_channels(c, i);
        gan__add_weighted(net, c, gan_conv_layer(in, out, 4, 2, 1, 0));
        gan__add_hidden(net, c, out, i ? norm : GAN_NORM_NONE, 1);
        gan__add_attention(net, c, c->height >> (i + 1), out);
        in = out;
    }
    in = gan__add_stddev(net, c, in);
    gan__add_weighted(net, c, gan_conv_layer(in, 1, innermost, 1, 0, 0));
    return net;
}
