/* SPDX-License-Identifier: MIT
 *
 * SRResNet (arXiv:1609.04802): residual blocks at the source's size, a shortcut around them all,
 * and a pixel shuffle for each doubling. Values may leave [-1,1]: the paper has no tanh at the end,
 * and pictures are clamped when they are written. Names are those of Lornatang/SRGAN-PyTorch:
 * conv1.0, trunk.0.rcb.0, conv2.0, upsampling.0.upsample_block.0, conv3. */
#include "base/error.h"
#include "gan/layer.h"
#include "nn/generator/table.h"

static int blocks(const gan_network_config *c) {
    return c->depth ? (int)c->depth : 16;
}

static int64_t scale(const gan_network_config *c) {
    return c->height / c->source_height;
}

gan_status gan__generator_srresnet_check(const gan_network_config *c, gan_error *err) {
    int64_t h = c->source_height, w = c->source_width, s = scale(c);
    if (c->dropout > 0) return gan__fail(err, GAN_EINVAL, "arch srresnet has no dropout");
    if ((s == 2 || s == 4 || s == 8) && s * h == c->height && s * w == c->width)
        return gan__no_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch srresnet makes images 2, 4 or 8 times as large, not %lldx%lld of "
                     "%lldx%lld",
                     (long long)c->height, (long long)c->width, (long long)h, (long long)w);
}

/* conv, norm: the half of a block, and what ends the shortcut around them all. */
static void add_normed(gan__list *l, int64_t f) {
    gan__list_add_weighted(l, gan_conv_layer(f, f, 3, 1, 1, gan__list_biased(l)));
    gan__list_add_norm(l, f);
}

static gan_module *block(const gan__list *around, int64_t f) {
    enum { LAYERS = 5 };
    gan__list l = {gan_residual(LAYERS), around->c, "", around->norm, 0};
    add_normed(&l, f);
    gan__list_add(&l, "", gan_prelu_layer());
    add_normed(&l, f);
    return l.net;
}

static gan_module *trunk(const gan_network_config *c, gan_norm_kind norm) {
    gan__list l = {gan_residual(blocks(c) + 2), c, "trunk.", norm, 0};
    for (int i = 0; i < blocks(c); i++) gan__list_add(&l, ".rcb", block(&l, c->features));
    gan__list end = {l.net, c, "conv2.", norm, 0};
    add_normed(&end, c->features);
    return l.net;
}

/* Twice the side: four times the channels, shuffled into pixels. */
static gan_module *doubling(const gan_network_config *c) {
    gan__list l = {gan_sequential(NULL), c, "", GAN_NORM_NONE, 0};
    gan__list_add_weighted(&l, gan_conv_layer(c->features, 4 * c->features, 3, 1, 1, 1));
    gan__list_add(&l, "", gan_pixel_shuffle_layer(2));
    gan__list_add(&l, "", gan_prelu_layer());
    return l.net;
}

gan_module *gan__generator_srresnet(const gan_network_config *c) {
    gan_norm_kind norm = c->norm == GAN_NORM_AUTO ? GAN_NORM_BATCH : c->norm;
    gan_module *net = gan_sequential(NULL);
    gan__list first = {net, c, "conv1.", norm, 0}, ups = {net, c, "upsampling.", norm, 0};
    gan__list_add_weighted(&first, gan_conv_layer(c->source_channels, c->features, 9, 1, 4, 1));
    gan__list_add(&first, "", gan_prelu_layer());
    gan_module_add(net, "", trunk(c, norm));
    for (int64_t s = scale(c); s > 1; s /= 2) gan__list_add(&ups, ".upsample_block", doubling(c));
    gan_module_add(net, "conv3",
                   gan__weighted(c, gan_conv_layer(c->features, c->channels, 9, 1, 4, 1)));
    return net;
}

int64_t gan__generator_srresnet_weights(const gan_network_config *c) {
    int64_t f = c->features, n = 2 * blocks(c) + 1, norms = gan__norm_weights(c, n * f);
    for (int64_t s = scale(c); s > 1; s /= 2) n += 4;
    return 81 * f * (c->source_channels + c->channels) + 9 * n * f * f + norms;
}
