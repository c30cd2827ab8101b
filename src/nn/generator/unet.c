/* SPDX-License-Identifier: MIT
 *
 * pix2pix's U-Net (arXiv:1611.07004): each level halves the side, down to 1x1, and comes back
 * beside what it was made of. For 256x256, features f: channels -> f (128x128) -> 2f -> 4f -> 8f -> 8f ->
 * 8f -> 8f -> 8f (1x1), and back. Names are those of UnetGenerator in pytorch-CycleGAN-and-pix2pix:
 * model.model.0, model.model.1.model.1, ...
 *
 * There a block begins with a leaky ReLU that writes into its operand, so what the block's result
 * stands beside is activated. Here that ReLU (each block's number 0) is a child of the level around
 * the block, where it runs in one with the norm before it. */
#include "base/error.h"
#include "gan/layer.h"
#include "nn/generator/table.h"

static int halvings(const gan_network_config *c) {
    int n = 0;
    for (int64_t side = c->source_height; side > 1; side /= 2) n++;
    return n;
}

/* Of the image after level + 1 halvings. */
static int64_t channels(const gan_network_config *c, int level) {
    return c->features * ((int64_t)1 << (level < 3 ? level : 3));
}

gan_status gan__generator_unet_check(const gan_network_config *c, gan_error *err) {
    int64_t side = c->height;
    int same = c->width == side && c->source_height == side && c->source_width == side;
    if (same && side >= 32 && side <= 512 && !(side & (side - 1))) return gan__no_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch unet makes images of 32, 64, 128, 256 or 512 squared of others that "
                     "are as large, not %lldx%lld of %lldx%lld; arch resnet9 takes other sizes",
                     (long long)side, (long long)c->width, (long long)c->source_height,
                     (long long)c->source_width);
}

/* The way up: from what is inside, `in` channels, to `out`. */
static void add_up(gan__list *l, int64_t in, int64_t out, int bias) {
    gan__list_add(l, "", gan_activation(GAN_RELU, 0));
    gan__list_add_weighted(l, gan_conv_transpose_layer(in, out, 4, 2, 1, 0, bias));
}

static void add_inside(gan__list *l, gan_module *block) {
    gan_module_add(l->net, "act", gan_activation(GAN_LEAKY_RELU, 0.2));
    gan__list_add(l, ".model", block);
}

/* A level around the one inside it, which the innermost has not. Dropout is where the paper has it,
 * between the innermost and those of fewer channels. */
static gan_module *block(const gan_network_config *c, gan_norm_kind norm, int level,
                         gan_module *inside) {
    int64_t outer = channels(c, level - 1), inner = channels(c, level);
    int innermost = level + 1 == halvings(c);
    gan__list l = {gan_skip(), c, "", norm, 1};
    int bias = gan__list_biased(&l);
    gan__list_add_weighted(&l, gan_conv_layer(outer, inner, 4, 2, 1, bias));
    if (!innermost) {
        gan__list_add_norm(&l, inner);
        add_inside(&l, inside);
    }
    add_up(&l, innermost ? inner : 2 * inner, outer, bias);
    gan__list_add_norm(&l, outer);
    if (c->dropout > 0 && level > 3 && !innermost)
        gan_module_add(l.net, "dropout", gan_dropout(c->dropout));
    return l.net;
}

gan_module *gan__generator_unet(const gan_network_config *c) {
    gan_norm_kind norm = c->norm == GAN_NORM_AUTO ? GAN_NORM_BATCH : c->norm;
    int last = halvings(c) - 1;
    gan_module *inside = block(c, norm, last, NULL);
    for (int level = last - 1; level > 0; level--) inside = block(c, norm, level, inside);
    gan__list l = {gan_sequential("model.model"), c, "", norm, 0};
    gan__list_add_weighted(
        &l, gan_conv_layer(c->source_channels, c->features, 4, 2, 1, gan__list_biased(&l)));
    add_inside(&l, inside);
    add_up(&l, 2 * c->features, c->channels, 1);
    gan_module_add(l.net, NULL, gan_activation(GAN_TANH, 0));
    return l.net;
}

int64_t gan__generator_unet_weights(const gan_network_config *c) {
    int levels = halvings(c);
    int64_t n = c->features * (c->source_channels + 2 * c->channels), normed = 0;
    for (int i = 1; i < levels; i++) {
        n += channels(c, i - 1) * channels(c, i) * (i + 1 < levels ? 3 : 2);
        normed += channels(c, i - 1) + (i + 1 < levels ? channels(c, i) : 0);
    }
    return 16 * n + gan__norm_weights(c, normed);
}
