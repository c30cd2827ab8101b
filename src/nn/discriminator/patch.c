/* SPDX-License-Identifier: MIT
 *
 * PatchGAN (arXiv:1611.07004): a map of scores, one for each patch of the image. With n layers of
 * stride 2 a patch is 70x70 (n = 3, sides from 64 on), 34x34 (2, from 32 on) or 16x16 (1); the
 * map's side is that of the image / 2^n, less 2. Names are those of NLayerDiscriminator in
 * pytorch-CycleGAN-and-pix2pix: model.0, model.2, model.3, ... */
#include "base/error.h"
#include "gan/layer.h"
#include "nn/discriminator/table.h"

enum { SMALLEST = 8 };

static int64_t shorter(const gan_network_config *c) {
    return c->height < c->width ? c->height : c->width;
}

static int strided(const gan_network_config *c) {
    return shorter(c) >= 64 ? 3 : shorter(c) >= 32 ? 2 : 1;
}

gan_status gan__discriminator_patch_check(const gan_network_config *c, gan_error *err) {
    if (c->condition == GAN_CONDITION_PROJECTION || c->condition == GAN_CONDITION_CLASSIFIER)
        return gan__fail(err, GAN_EINVAL,
                         "arch patch sees no whole image that could be of a class: use condition "
                         "concat");
    if (shorter(c) >= SMALLEST) return gan__no_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch patch judges patches of images of %dx%d and larger, not %lldx%lld",
                     SMALLEST, SMALLEST, (long long)c->height, (long long)c->width);
}

gan_module *gan__discriminator_patch(const gan_network_config *c) {
    gan_norm_kind norm = gan__discriminator_norm(c, GAN_NORM_BATCH);
    gan__list l = {gan_sequential("model"), c, "", norm, 0};
    int64_t in = c->features;
    gan__list_add_weighted(&l, gan_conv_layer(c->pack * c->channels, in, 4, 2, 1, 1));
    gan__list_add_leaky(&l);
    for (int i = 1, n = strided(c); i <= n; i++) {
        int64_t out = c->features << i;
        gan__list_add_weighted(&l,
                               gan_conv_layer(in, out, 4, i < n ? 2 : 1, 1, gan__list_biased(&l)));
        gan__list_add_norm(&l, out);
        gan__list_add_leaky(&l);
        in = out;
    }
    in = gan__add_stddev(l.net, c, in);
    gan__list_add_weighted(&l, gan_conv_layer(in, 1, 4, 1, 1, 1));
    return l.net;
}
