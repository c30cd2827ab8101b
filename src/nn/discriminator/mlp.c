/* SPDX-License-Identifier: MIT
 *
 * A fully connected discriminator: H*W*C -> 8f -> 4f -> 1. Auto norm is none: with batch norm it
 * would see which images came together. */
#include "gan/layer.h"
#include "nn/discriminator/table.h"

gan_module *gan__discriminator_mlp(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    gan_norm_kind norm = gan__discriminator_norm(c, GAN_NORM_NONE);
    int64_t channels = c->pack * c->channels, in = c->height * c->width * channels;
    gan_module_add(net, NULL, gan_flatten(c->height, c->width, channels));
    for (int64_t out = 8 * c->features; out >= 4 * c->features; out /= 2) {
        gan__add_weighted(net, c, gan_linear(in, out, 1));
        gan__add_hidden(net, c, out, norm, 1);
        in = out;
    }
    in = gan__add_stddev(net, c, in);
    gan__add_weighted(net, c, gan_linear(in, 1, 1));
    return net;
}
