/* SPDX-License-Identifier: MIT
 *
 * CycleGAN's residual generator (arXiv:1703.10593, after arXiv:1603.08155): the side is halved
 * twice, nine blocks keep it (six up to 128x128, as in the paper), and it is doubled twice. Borders
 * are reflected. Names are those of ResnetGenerator in pytorch-CycleGAN-and-pix2pix: model.1, ...,
 * model.10.conv_block.1, ...; dropout has a number in a block, as there. Auto norm is instance. */
#include "base/error.h"
#include "gan/layer.h"
#include "nn/generator/table.h"

enum { HALVINGS = 2 };

static int blocks(const gan_network_config *c) {
    if (c->depth) return (int)c->depth;
    return c->source_height <= 128 && c->source_width <= 128 ? 6 : 9;
}

gan_status gan__generator_resnet9_check(const gan_network_config *c, gan_error *err) {
    int64_t h = c->source_height, w = c->source_width;
    if (h == c->height && w == c->width && h >= 8 && w >= 8 && h % 4 == 0 && w % 4 == 0)
        return gan__no_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch resnet9 makes images of others that are as large, with sides that are "
                     "multiples of 4 and 8 or more, not %lldx%lld of %lldx%lld",
                     (long long)c->height, (long long)c->width, (long long)h, (long long)w);
}

/* Instance norm knows no labels. */
static gan_norm_kind norm_of(const gan_network_config *c) {
    if (c->norm != GAN_NORM_AUTO) return c->norm;
    return c->condition == GAN_CONDITION_NORM ? GAN_NORM_BATCH : GAN_NORM_INSTANCE;
}

static void add_hidden(gan__list *l, int64_t channels) {
    gan__list_add_norm(l, channels);
    gan__list_add(l, "", gan_activation(GAN_RELU, 0));
}

static void add_bordered(gan__list *l, int64_t in, int64_t out, int pad, int bias) {
    gan__list_add(l, "", gan_reflection_pad_layer(pad));
    gan__list_add_weighted(l, gan_conv_layer(in, out, 2 * pad + 1, 1, 0, bias));
}

static gan_module *block(const gan_network_config *c, gan_norm_kind norm, int64_t channels) {
    enum { MOST_LAYERS = 8 };
    gan__list l = {gan_residual(MOST_LAYERS), c, "", norm, 0};
    add_bordered(&l, channels, channels, 1, gan__list_biased(&l));
    add_hidden(&l, channels);
    if (c->dropout > 0) gan__list_add(&l, "", gan_dropout(c->dropout));
    add_bordered(&l, channels, channels, 1, gan__list_biased(&l));
    gan__list_add_norm(&l, channels);
    return l.net;
}

gan_module *gan__generator_resnet9(const gan_network_config *c) {
    gan__list l = {gan_sequential("model"), c, "", norm_of(c), 0};
    int64_t f = c->features;
    int bias = gan__list_biased(&l);
    add_bordered(&l, c->source_channels, f, 3, bias);
    add_hidden(&l, f);
    for (int i = 0; i < HALVINGS; i++, f *= 2) {
        gan__list_add_weighted(&l, gan_conv_layer(f, 2 * f, 3, 2, 1, bias));
        add_hidden(&l, 2 * f);
    }
    for (int i = 0; i < blocks(c); i++) gan__list_add(&l, ".conv_block", block(c, l.norm, f));
    for (int i = 0; i < HALVINGS; i++, f /= 2) {
        gan__list_add_weighted(&l, gan_conv_transpose_layer(f, f / 2, 3, 2, 1, 1, bias));
        add_hidden(&l, f / 2);
    }
    add_bordered(&l, f, c->channels, 3, 1);
    gan__list_add(&l, "", gan_activation(GAN_TANH, 0));
    return l.net;
}

int64_t gan__generator_resnet9_weights(const gan_network_config *c) {
    int64_t f = c->features, inner = 4 * f;
    int64_t halved = 9 * f * 2 * f + 9 * 2 * f * inner;
    int64_t norms = gan__norm_weights(c, 2 * (f + 2 * f) + inner + 2 * blocks(c) * inner);
    return 49 * f * (c->source_channels + c->channels) + 2 * halved +
           blocks(c) * 18 * inner * inner + norms;
}
