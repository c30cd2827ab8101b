/* SPDX-License-Identifier: MIT
 *
 * A fully connected generator: nz -> 4f -> 8f -> 16f -> H*W*C. */
#include "gan/layer.h"
#include "nn/generator/table.h"

gan_module *gan__generator_mlp(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    int64_t in = c->nz;
    for (int64_t out = 4 * c->features; out <= 16 * c->features; out *= 2) {
        gan__add_weighted(net, c, gan_linear(in, out, 1));
        gan__add_hidden(net, c, out, c->norm, 1);
        in = out;
    }
    gan__add_weighted(net, c, gan_linear(in, c->height * c->width * c->channels, 1));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    gan_module_add(net, NULL, gan_unflatten(c->height, c->width, c->channels));
    return net;
}

int64_t gan__generator_mlp_weights(const gan_network_config *c) {
    int64_t f = c->features, pixels = c->height * c->width * c->channels;
    int64_t norms = gan__norm_weights(c, (4 + 8 + 16) * f);
    return c->nz * 4 * f + 4 * f * 8 * f + 8 * f * 16 * f + 16 * f * pixels + norms;
}
