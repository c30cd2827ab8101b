/* SPDX-License-Identifier: MIT
 *
 * TransGAN's discriminator (arXiv:2102.07074, section 3.3): patches of three sizes join a sequence of
 * stages. For 64x64: patches of 4 become 16x16 tokens of 4f channels; blocks; average pooling, and
 * beside it patches of 8, 8x8 tokens of 8f in all; blocks; pooling, patches of 16, 4x4 tokens of 16f;
 * a class token, which sees the others in the last blocks and is judged. */
#include "gan/layer.h"
#include "gan/shape.h"
#include "nn/discriminator/table.h"
#include "nn/internal.h"
#include "nn/transformer.h"

enum { OUTERMOST = 16, SCALES = 3 };

/* Children: patches of the image and a stage, three times; each stage reads the one before beside its
 * patches. */
static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *y = NULL;
    for (int i = 0; i < SCALES; i++) {
        gan_tensor *patches = gan_module_forward(t, gan_module_child(m, 2 * i), x, pass);
        if (y) patches = gan_concat(t, 2, (gan_tensor *[]){y, patches}, -1);
        y = gan_module_forward(t, gan_module_child(m, 2 * i + 1), patches, pass);
    }
    return y;
}

static gan_module *stage(const gan_network_config *c, int i, int64_t side, int64_t embed) {
    gan_module *m = gan_sequential(NULL);
    gan_module_add(m, "pos", gan_position_layer(side, side, embed));
    gan__add_blocks(m, c, "blocks", c->depth ? (int)c->depth : 3, side, embed);
    if (i < SCALES - 1) gan_module_add(m, NULL, gan_average_pool_layer(2));
    return m;
}

static gan_module *scales(const gan_network_config *c) {
    static const gan_module_type type = {.name = "scales", .forward = forward};
    gan_module *m = gan_module_create(&type, 0);
    int64_t side = OUTERMOST, embed = 4 * c->features, colours = c->pack * c->channels;
    for (int i = 0; i < SCALES; i++, side /= 2, embed *= 2) {
        int patch = (int)(c->height / side);
        int64_t own = i ? embed / 2 : embed;
        gan__add_numbered(m, "patch", i + 1, gan_conv_layer(colours, own, patch, patch, 0, 1));
        gan__add_numbered(m, "stage", i + 1, stage(c, i, side, embed));
    }
    return m;
}

gan_module *gan__discriminator_transformer(const gan_network_config *c) {
    gan_module *net = gan_sequential(NULL);
    int64_t embed = 16 * c->features;
    gan_module_add(net, "scales", scales(c));
    gan_module_add(net, "cls_token", gan_class_token(embed));
    gan__add_blocks(net, c, "last", 1, 1, embed);
    gan_module_add(net, NULL, gan_first_token());
    gan_module_add(net, "norm", gan_token_norm_layer(embed));
    embed = gan__add_stddev(net, c, embed);
    gan_module_add(net, "head", gan_linear(embed, 1, 1));
    return net;
}
