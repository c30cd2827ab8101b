/* SPDX-License-Identifier: MIT
 *
 * Networks that make images of images, and their discriminators, in double: PyTorch's values, and
 * gradients of first and second order by module_gradcheck.h. The gradients do not depend on the
 * sizes that files and settings are checked for, so these are smaller. */
#include "image_parity.h"
#include "module_gradcheck.h"
#include "nn/discriminator/table.h"
#include "nn/generator/table.h"

static void like_pytorch(void **state) {
    (void)state;
    image_parity_run(1e-12);
}

/* N(name, an architecture, height, width, source's height, width, norm, others) */
#define N(name, arch, h, w, sh, sw, kind, ...)                                                     \
    static gan_module *name(void) {                                                                \
        gan_network_config c = GAN_NETWORK_DEFAULTS;                                               \
        c.height = h, c.width = w, c.source_height = sh, c.source_width = sw;                      \
        c.channels = 1, c.source_channels = 2, c.features = 1, c.norm = kind;                      \
        __VA_ARGS__;                                                                               \
        return arch(&c);                                                                           \
    }

static gan_module *skip_level(void) {
    gan_module *m = gan_skip();
    gan_module_add(m, NULL, gan_activation(GAN_TANH, 0));
    gan_module_add(m, NULL, gan_conv_layer(2, 3, 3, 1, 1, 1));
    return m;
}

static gan_module *plain_norm(void) {
    gan_module *m = gan_sequential("net");
    gan_module_add(m, NULL, gan_plain_instance_norm_layer(3));
    gan_module_add(m, NULL, gan_activation(GAN_LEAKY_RELU, 0.2));
    return m;
}

N(unet, gan__generator_unet, 8, 8, 8, 8, GAN_NORM_AUTO, c.channels = 2)
N(unet_instance, gan__generator_unet, 8, 8, 8, 8, GAN_NORM_INSTANCE, c.spectral = 1)
N(resnet9, gan__generator_resnet9, 8, 8, 8, 8, GAN_NORM_AUTO, c.depth = 1)
N(resnet9_batch, gan__generator_resnet9, 8, 8, 8, 8, GAN_NORM_BATCH, (c.depth = 1, c.dropout = 0.3))
N(srresnet, gan__generator_srresnet, 8, 6, 4, 3, GAN_NORM_AUTO, c.depth = 1)
N(srresnet_none, gan__generator_srresnet, 4, 4, 1, 1, GAN_NORM_NONE, c.depth = 2)
N(patch, gan__discriminator_patch, 8, 9, 0, 0, GAN_NORM_BATCH, c.dropout = 0.3)
N(srgan, gan__discriminator_srgan, 16, 16, 0, 0, GAN_NORM_LAYER, c.pack = 1)

static void gradients(void **state) {
    static const row rows[] = {
        {"skip", skip_level, 4, {2, 3, 3, 2}},
        {"plain instance norm, leaky relu", plain_norm, 4, {2, 3, 3, 3}},
        {"unet", unet, 4, {2, 8, 8, 2}, 1},
        {"unet, instance and spectral norm", unet_instance, 4, {1, 8, 8, 2}},
        {"resnet9, instance norm", resnet9, 4, {1, 8, 8, 2}},
        {"resnet9, batch norm, dropout", resnet9_batch, 4, {1, 8, 8, 2}, 1},
        {"srresnet", srresnet, 4, {2, 4, 3, 2}, 1},
        {"srresnet x4, no norm", srresnet_none, 4, {1, 2, 1, 2}},
        {"patch, batch norm, dropout", patch, 4, {2, 8, 9, 1}, 1},
        {"srgan, layer norm", srgan, 4, {1, 16, 16, 1}},
    };
    (void)state;
    check_all("networks of images", rows, COUNT(rows), 0);
}

/* --- the penalty --- */

N(patch_instance, gan__discriminator_patch, 16, 16, 0, 0, GAN_NORM_INSTANCE, c.pack = 1)
N(patch_spectral, gan__discriminator_patch, 8, 10, 0, 0, GAN_NORM_AUTO, c.spectral = 1)
N(srgan_none, gan__discriminator_srgan, 16, 16, 0, 0, GAN_NORM_NONE, c.pack = 1)

static void penalty(void **state) {
    static const row rows[] = {
        {"patch, instance norm", patch_instance, 4, {2, 16, 16, 1}},
        {"patch, spectral norm", patch_spectral, 4, {2, 8, 10, 1}},
        {"srgan, no norm", srgan_none, 4, {1, 16, 16, 1}},
    };
    (void)state;
    check_all("WGAN-GP penalty", rows, COUNT(rows), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_pytorch),
        cmocka_unit_test(gradients),
        cmocka_unit_test(penalty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
