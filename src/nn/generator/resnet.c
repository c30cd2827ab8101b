/* SPDX-License-Identifier: MIT
 *
 * A residual generator, as WGAN-GP's (arXiv:1704.00028, appendix F) and SNGAN's (arXiv:1802.05957,
 * appendix B.4): a linear layer makes the innermost image, each block doubles its side by repeating
 * pixels. For 64x64: nz -> 16f (4x4) -> 8f (8x8) -> 4f -> 2f -> f (64x64) -> channels. Names are
 * those of PyTorch's mimicry: l1, block2.b1, ..., b6, c6. */
#include "gan/layer.h"
#include "nn/generator/table.h"

static void add_norm(gan_module *net, const gan_network_config *c, int number, int64_t channels) {
    if (c->norm != GAN_NORM_NONE)
        gan__add_numbered(net, "b", number, gan__norm_layer(c, c->norm, channels));
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
}

/* norm, relu, double, conv, norm, relu, conv; beside it conv 1x1 and double, which is the same as
 * the other way round, and a quarter of the work. */
static gan_module *block(const gan_network_config *c, int64_t in, int64_t out) {
    gan_module *m = gan_residual(c->norm == GAN_NORM_NONE ? 5 : 7);
    add_norm(m, c, 1, in);
    gan_module_add(m, NULL, gan_upsample_layer(2));
    gan_module_add(m, "c1", gan__weighted(c, gan_conv_layer(in, out, 3, 1, 1, 1)));
    add_norm(m, c, 2, out);
    gan_module_add(m, "c2", gan__weighted(c, gan_conv_layer(out, out, 3, 1, 1, 1)));
    gan_module_add(m, "c_sc", gan__weighted(c, gan_conv_layer(in, out, 1, 1, 0, 1)));
    gan_module_add(m, NULL, gan_upsample_layer(2));
    return m;
}

gan_module *gan__generator_resnet(const gan_network_config *c) {
    gan_module *net = gan_sequential(NULL);
    int levels = gan__pyramid_levels(c);
    int64_t side = gan__pyramid_innermost(c), in = gan__pyramid_channels(c, levels);
    gan_module_add(net, "l1", gan__weighted(c, gan_linear(c->nz, side * side * in, 1)));
    gan_module_add(net, NULL, gan_unflatten(side, side, in));
    for (int i = levels - 1; i >= 0; i--) {
        int64_t out = gan__pyramid_channels(c, i);
        gan__add_numbered(net, "block", levels - i + 1, block(c, in, out));
        gan__add_attention(net, c, c->height >> i, out);
        in = out;
    }
    add_norm(net, c, levels + 2, in);
    gan__add_numbered(net, "c", levels + 2,
                      gan__weighted(c, gan_conv_layer(in, c->channels, 3, 1, 1, 1)));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    return net;
}

int64_t gan__generator_resnet_weights(const gan_network_config *c) {
    int levels = gan__pyramid_levels(c);
    int64_t side = gan__pyramid_innermost(c), in = gan__pyramid_channels(c, levels);
    int64_t n = c->nz * side * side * in;
    for (int i = levels - 1; i >= 0; i--) {
        int64_t out = gan__pyramid_channels(c, i);
        n += 9 * in * out + 9 * out * out + in * out;
        n += gan__attention_weights(c, c->height >> i, out);
        n += gan__norm_weights(c, in + out);
        in = out;
    }
    return n + 9 * in * c->channels + gan__norm_weights(c, in);
}
