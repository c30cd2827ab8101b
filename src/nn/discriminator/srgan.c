/* SPDX-License-Identifier: MIT
 *
 * SRGAN's discriminator (arXiv:1609.04802), after VGG: eight convolutions 3x3, every other one with
 * stride 2, features f -> 8f; then two linear layers, 16f wide (1024 in the paper). Names are those
 * of Lornatang/SRGAN-PyTorch: features.0, features.2, ..., classifier.0, classifier.2. */
#include "base/error.h"
#include "gan/layer.h"
#include "nn/discriminator/table.h"

enum { CONVOLUTIONS = 8, STRIDES = 16 };

gan_status gan__discriminator_srgan_check(const gan_network_config *c, gan_error *err) {
    if (c->height % STRIDES == 0 && c->width % STRIDES == 0) return gan__no_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch srgan judges images with sides that are multiples of %d, not %lldx%lld",
                     STRIDES, (long long)c->height, (long long)c->width);
}

static void add_dense(gan_module *net, const gan_network_config *c, int64_t in) {
    gan__list l = {net, c, "classifier.", GAN_NORM_NONE, 0};
    gan__list_add_weighted(&l, gan_linear(in, 16 * c->features, 1));
    gan__list_add_leaky(&l);
    in = gan__add_stddev(net, c, 16 * c->features);
    gan__list_add_weighted(&l, gan_linear(in, 1, 1));
}

gan_module *gan__discriminator_srgan(const gan_network_config *c) {
    gan_norm_kind norm = gan__discriminator_norm(c, GAN_NORM_BATCH);
    gan__list l = {gan_sequential(NULL), c, "features.", norm, 0};
    int64_t in = c->pack * c->channels, h = c->height / STRIDES, w = c->width / STRIDES;
    for (int i = 0; i < CONVOLUTIONS; i++) {
        int64_t out = c->features << (i / 2);
        int bias = !i || gan__list_biased(&l);
        gan__list_add_weighted(&l, gan_conv_layer(in, out, 3, 1 + i % 2, 1, bias));
        if (i) gan__list_add_norm(&l, out);
        gan__list_add_leaky(&l);
        in = out;
    }
    gan_module_add(l.net, "flatten", gan_flatten(h, w, in));
    add_dense(l.net, c, h * w * in);
    return l.net;
}
