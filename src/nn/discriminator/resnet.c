/* SPDX-License-Identifier: MIT
 *
 * The residual discriminator of WGAN-GP and SNGAN: blocks halve the side by average pooling and
 * double the channels; features are summed over their pixels. For 64x64: channels -> f (32x32) ->
 * 2f -> 4f -> 8f -> 16f (2x2) -> 1. From 128 on, and for 28, the last block keeps its side. Names
 * are those of PyTorch's mimicry: block1.c1, ..., l6. Auto norm is none. */
#include "gan/layer.h"
#include "nn/discriminator/table.h"

/* norm, relu, dropout, as far as there are some. */
static void add_hidden(gan_module *block, const gan_network_config *c, gan_norm_kind norm,
                       const char *name, int64_t channels) {
    if (norm != GAN_NORM_NONE) gan_module_add(block, name, gan__norm_layer(c, norm, channels));
    gan_module_add(block, NULL, gan_activation(GAN_RELU, 0));
    if (c->dropout > 0) gan_module_add(block, NULL, gan_dropout(c->dropout));
}

/* How many that adds. */
static int layers(const gan_network_config *c, gan_norm_kind norm) {
    return 1 + (norm != GAN_NORM_NONE) + (c->dropout > 0);
}

/* The shortcut: a convolution 1x1 of the pooled image is the pooled one of the image. */
static void add_shortcut(gan_module *m, const gan_network_config *c, int64_t in, int64_t out,
                         int down) {
    if (down) gan_module_add(m, NULL, gan_average_pool_layer(2));
    if (down || in != out)
        gan_module_add(m, "c_sc", gan__weighted(c, gan_conv_layer(in, out, 1, 1, 0, 1)));
}

/* Of the image itself: conv, relu, conv, pool. */
static gan_module *first_block(const gan_network_config *c, int64_t in, int64_t out) {
    gan_module *m = gan_residual(3 + layers(c, GAN_NORM_NONE));
    gan_module_add(m, "c1", gan__weighted(c, gan_conv_layer(in, out, 3, 1, 1, 1)));
    add_hidden(m, c, GAN_NORM_NONE, NULL, out);
    gan_module_add(m, "c2", gan__weighted(c, gan_conv_layer(out, out, 3, 1, 1, 1)));
    gan_module_add(m, NULL, gan_average_pool_layer(2));
    add_shortcut(m, c, in, out, 1);
    return m;
}

/* norm, relu, conv, norm, relu, conv, pool. */
static gan_module *block(const gan_network_config *c, gan_norm_kind norm, int64_t in, int64_t out,
                         int down) {
    gan_module *m = gan_residual(2 * layers(c, norm) + 2 + down);
    add_hidden(m, c, norm, "b1", in);
    gan_module_add(m, "c1", gan__weighted(c, gan_conv_layer(in, in, 3, 1, 1, 1)));
    add_hidden(m, c, norm, "b2", in);
    gan_module_add(m, "c2", gan__weighted(c, gan_conv_layer(in, out, 3, 1, 1, 1)));
    if (down) gan_module_add(m, NULL, gan_average_pool_layer(2));
    add_shortcut(m, c, in, out, down);
    return m;
}

gan_module *gan__discriminator_resnet(const gan_network_config *c) {
    gan_module *net = gan_sequential(NULL);
    gan_norm_kind norm = gan__discriminator_norm(c, GAN_NORM_NONE);
    int levels = gan__pyramid_levels(c), keeps = levels >= 5 || gan__pyramid_innermost(c) % 2;
    int64_t in = gan__pyramid_channels(c, 0);
    int64_t side = c->height / 2;
    gan_module_add(net, "block1", first_block(c, c->pack * c->channels, in));
    gan__add_attention(net, c, side, in);
    for (int i = 1; i <= levels; i++) {
        int64_t out = gan__pyramid_channels(c, i);
        int down = i < levels || !keeps;
        gan__add_numbered(net, "block", i + 1, block(c, norm, in, out, down));
        side /= down + 1;
        if (down) gan__add_attention(net, c, side, out);
        in = out;
    }
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    in = gan__add_stddev(net, c, in);
    gan_module_add(net, NULL, gan_global_sum_pool());
    gan__add_numbered(net, "l", levels + 2, gan__weighted(c, gan_linear(in, 1, 1)));
    return net;
}
