/* SPDX-License-Identifier: MIT
 *
 * Gradients of layers, of whole networks, and of the WGAN-GP penalty through whole critics, by
 * module_gradcheck.h. */
#include "golden/cases.h"
#include "module_gradcheck.h"
#include "nn/discriminator/table.h"
#include "nn/generator/table.h"

/* --- layers --- */

/* M(name, layers...): a network of these layers. */
#define M(name, ...)                                                                               \
    static gan_module *name(void) {                                                                \
        gan_module *layers[] = {__VA_ARGS__}, *m = gan_sequential("net");                          \
        for (int i = 0; i < COUNT(layers); i++) gan_module_add(m, NULL, layers[i]);                \
        return m;                                                                                  \
    }

M(linear, gan_linear(5, 3, 1))
M(conv, gan_conv_layer(2, 3, 4, 2, 1, 0))
M(conv_bias, gan_conv_layer(2, 3, 3, 1, 1, 1))
M(conv_vector, gan_conv_layer(5, 3, 1, 1, 0, 1))
M(transposed, gan_conv_transpose_layer(3, 2, 4, 2, 1, 0, 0))
M(transposed_odd, gan_conv_transpose_layer(3, 2, 3, 2, 1, 1, 1))
M(transposed_vector, gan_conv_transpose_layer(5, 2, 4, 1, 0, 0, 1))
M(batch_norm, gan_batch_norm_layer(3))
M(group_norm, gan_group_norm_layer(2, 4))
M(layer_norm, gan_layer_norm_layer(4))
M(instance_norm, gan_instance_norm_layer(3))
M(relu, gan_activation(GAN_RELU, 0))
M(leaky_relu, gan_activation(GAN_LEAKY_RELU, 0.2))
M(hyperbolic, gan_activation(GAN_TANH, 0))
M(maxout, gan_activation(GAN_TANH, 0), gan_maxout_layer(3))
M(stddev, gan_activation(GAN_TANH, 0), gan_minibatch_stddev(3))
M(spectral_linear, gan_spectral_norm(gan_linear(5, 3, 1)))
M(spectral_conv, gan_spectral_norm(gan_conv_layer(2, 3, 4, 2, 1, 0)))
M(spectral_relu, gan_spectral_norm(gan_conv_layer(2, 3, 3, 1, 1, 1)),
  gan_activation(GAN_LEAKY_RELU, 0.2))
M(spectral_transposed, gan_spectral_norm(gan_conv_transpose_layer(3, 2, 4, 2, 1, 0, 1)))
M(self_attention, gan_self_attention_2d(8))
M(spectral_attention, gan_spectral_norm(gan_self_attention_2d(4)))
M(multi_head, gan_multi_head_attention(6, 2))
M(token_norm, gan_token_norm_layer(4))
M(sigmoid, gan_activation(GAN_SIGMOID, 0))
M(gelu, gan_activation(GAN_GELU, 0))
M(prelu, gan_prelu_layer())
M(dropout, gan_activation(GAN_TANH, 0), gan_dropout(0.4))
M(flatten, gan_activation(GAN_TANH, 0), gan_flatten(2, 3, 2), gan_linear(12, 2, 1))
M(unflatten, gan_linear(3, 12, 1), gan_unflatten(2, 3, 2), gan_activation(GAN_TANH, 0))
M(upsample, gan_activation(GAN_TANH, 0), gan_upsample_layer(2))
M(pool, gan_activation(GAN_TANH, 0), gan_average_pool_layer(2))
M(largest, gan_activation(GAN_TANH, 0), gan_max_pool_layer(3, 2, 1))
M(shuffle, gan_activation(GAN_TANH, 0), gan_pixel_shuffle_layer(2))
M(resize, gan_activation(GAN_TANH, 0), gan_resize_layer(2))
M(reflection, gan_activation(GAN_TANH, 0), gan_reflection_pad_layer(2))
M(replication, gan_activation(GAN_TANH, 0), gan_replication_pad_layer(2))

static void test_layers(void **state) {
    static const row rows[] = {
        {"linear", linear, 2, {4, 5}},
        {"conv 4x4, stride 2, pad 1", conv, 4, {2, 6, 6, 2}},
        {"conv 3x3, bias", conv_bias, 4, {2, 4, 5, 2}},
        {"conv of a vector", conv_vector, 2, {3, 5}},
        {"transposed 4x4, stride 2, pad 1", transposed, 4, {2, 3, 3, 3}},
        {"transposed 3x3, output pad 1, bias", transposed_odd, 4, {2, 3, 2, 3}},
        {"transposed of a vector", transposed_vector, 2, {3, 5}},
        {"batch norm", batch_norm, 4, {3, 3, 2, 3}, 1},
        {"batch norm of vectors", batch_norm, 2, {6, 3}, 1},
        {"group norm", group_norm, 4, {2, 3, 3, 4}},
        {"layer norm", layer_norm, 4, {2, 3, 3, 4}},
        {"layer norm of vectors", layer_norm, 2, {4, 4}},
        {"instance norm", instance_norm, 4, {2, 3, 3, 3}},
        {"self-attention", self_attention, 4, {2, 2, 3, 8}},
        {"self-attention, spectral", spectral_attention, 4, {2, 3, 3, 4}},
        {"multi-head attention", multi_head, 3, {2, 5, 6}},
        {"token norm", token_norm, 3, {2, 3, 4}},
        {"token norm of images", token_norm, 4, {2, 2, 3, 4}},
        {"relu", relu, 4, {2, 3, 3, 2}},
        {"leaky relu", leaky_relu, 4, {2, 3, 3, 2}},
        {"tanh", hyperbolic, 4, {2, 3, 3, 2}},
        {"sigmoid", sigmoid, 4, {2, 3, 3, 2}},
        {"gelu", gelu, 4, {2, 3, 3, 2}},
        {"prelu", prelu, 4, {2, 3, 3, 2}},
        {"maxout of vectors", maxout, 2, {4, 6}},
        {"maxout of images", maxout, 4, {2, 2, 3, 3}},
        {"minibatch stddev of vectors", stddev, 2, {6, 3}},
        {"minibatch stddev of images", stddev, 4, {4, 2, 3, 2}},
        {"spectral linear", spectral_linear, 2, {4, 5}},
        {"spectral conv 4x4, stride 2", spectral_conv, 4, {2, 6, 6, 2}},
        {"spectral conv 3x3, bias, leaky relu", spectral_relu, 4, {2, 4, 5, 2}},
        {"spectral transposed 4x4, bias", spectral_transposed, 4, {2, 3, 3, 3}},
        {"dropout", dropout, 2, {4, 5}, 1},
        {"flatten, linear", flatten, 4, {2, 2, 3, 2}},
        {"linear, unflatten", unflatten, 2, {2, 3}},
        {"upsample", upsample, 4, {2, 2, 3, 2}},
        {"average pool", pool, 4, {2, 4, 4, 2}},
        {"max pool", largest, 4, {1, 4, 4, 2}},
        {"pixel shuffle", shuffle, 4, {2, 2, 3, 8}},
        {"resize", resize, 4, {2, 2, 3, 2}},
        {"reflection pad", reflection, 4, {2, 3, 4, 2}},
        {"replication pad", replication, 4, {2, 2, 3, 2}},
    };
    (void)state;
    check_all("layers", rows, COUNT(rows), 0);
}

/* --- networks: of width 1, latent vectors of 3 --- */

/* N(name, an architecture, side, channels, norm, dropout) */
#define N(name, arch, side, colours, kind, drop)                                                   \
    static gan_module *name(void) {                                                                \
        gan_network_config c = GAN_NETWORK_DEFAULTS;                                               \
        c.height = c.width = side, c.channels = colours, c.nz = 3, c.features = 1;                 \
        c.norm = kind, c.dropout = drop;                                                           \
        return arch(&c);                                                                           \
    }

N(g28, gan__generator_dcgan, 28, 1, GAN_NORM_BATCH, 0)
N(g32, gan__generator_dcgan, 32, 1, GAN_NORM_BATCH, 0)
N(g_mlp, gan__generator_mlp, 3, 1, GAN_NORM_BATCH, 0)
N(g_residual, gan__generator_resnet, 28, 1, GAN_NORM_BATCH, 0)
N(d_residual, gan__discriminator_resnet, 28, 1, GAN_NORM_BATCH, 0.3)
N(d28, gan__discriminator_dcgan, 28, 1, GAN_NORM_BATCH, 0)
N(d32, gan__discriminator_dcgan, 32, 1, GAN_NORM_BATCH, 0)
N(d_mlp, gan__discriminator_mlp, 3, 3, GAN_NORM_BATCH, 0.3)

static gan_module *attentive(const gan_network_config *base,
                             gan_module *arch(const gan_network_config *), int spectral) {
    gan_network_config c = *base;
    c.height = c.width = 28, c.channels = 1, c.nz = 3, c.features = 1, c.attention = 7;
    c.spectral = spectral;
    return arch(&c);
}
static gan_module *g_attentive(void) {
    return attentive(&GAN_NETWORK_DEFAULTS, gan__generator_dcgan, 0);
}
static gan_module *d_attentive(void) {
    return attentive(&GAN_NETWORK_DEFAULTS, gan__discriminator_resnet, 1);
}

static gan_module *token_block(void) {
    return gan_transformer_block(4, 2, 8, 0);
}
static gan_module *window_block(void) {
    return gan_transformer_block(4, 1, 6, 2);
}
M(token_ends, gan_position_layer(2, 3, 3), gan_class_token(3), gan_transformer_block(3, 1, 4, 0),
  gan_first_token(), gan_token_norm_layer(3))

static void test_networks(void **state) {
    static const row rows[] = {
        {"generator dcgan 28", g28, 2, {2, 3}, 1},
        {"generator dcgan 32", g32, 2, {2, 3}, 1},
        {"generator mlp", g_mlp, 2, {5, 3}, 1},
        {"generator resnet 28", g_residual, 2, {2, 3}, 1},
        {"discriminator resnet 28, dropout", d_residual, 4, {1, 28, 28, 1}, 1},
        {"generator dcgan 28, attention", g_attentive, 2, {2, 3}, 1},
        {"transformer block", token_block, 4, {2, 2, 3, 4}},
        {"transformer block, windows", window_block, 4, {1, 4, 2, 4}},
        {"position, class token, first token", token_ends, 4, {2, 2, 3, 3}},
        {"discriminator dcgan 28", d28, 4, {1, 28, 28, 1}, 1},
        {"discriminator dcgan 32", d32, 4, {1, 32, 32, 1}, 1},
        {"discriminator mlp, dropout", d_mlp, 4, {5, 3, 3, 3}, 1},
    };
    (void)state;
    check_all("networks", rows, COUNT(rows), 0);
}

/* --- the penalty --- */

N(none32, gan__discriminator_dcgan, 32, 3, GAN_NORM_NONE, 0)
N(layer32, gan__discriminator_dcgan, 32, 3, GAN_NORM_LAYER, 0)
N(instance32, gan__discriminator_dcgan, 32, 3, GAN_NORM_INSTANCE, 0)
N(dropped28, gan__discriminator_dcgan, 28, 1, GAN_NORM_LAYER, 0.3)
N(residual28, gan__discriminator_resnet, 28, 1, GAN_NORM_LAYER, 0)
N(residual32, gan__discriminator_resnet, 32, 3, GAN_NORM_NONE, 0)
N(layer_mlp, gan__discriminator_mlp, 3, 3, GAN_NORM_LAYER, 0)
M(own_critic, gan_conv_layer(2, 4, 3, 1, 1, 1), gan_group_norm_layer(2, 4),
  gan_activation(GAN_LEAKY_RELU, 0.2), gan_upsample_layer(2), gan_average_pool_layer(4),
  gan_conv_transpose_layer(4, 3, 3, 2, 1, 1, 1), gan_activation(GAN_TANH, 0), gan_flatten(6, 6, 3),
  gan_linear(108, 1, 1))
static gan_module *modern_mlp(void) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    c.height = 2, c.width = 3, c.features = 1;
    c.spectral = 1, c.stddev = 4;
    return gan__discriminator_mlp(&c);
}
M(stddev_critic, gan_conv_layer(2, 3, 3, 1, 1, 1), gan_activation(GAN_LEAKY_RELU, 0.2),
  gan_minibatch_stddev(4), gan_conv_layer(4, 1, 4, 1, 0, 0))
M(spectral_critic, gan_spectral_norm(gan_conv_layer(2, 4, 3, 1, 1, 1)),
  gan_activation(GAN_LEAKY_RELU, 0.2),
  gan_spectral_norm(gan_conv_transpose_layer(4, 2, 4, 2, 1, 0, 0)), gan_activation(GAN_TANH, 0),
  gan_flatten(8, 8, 2), gan_spectral_norm(gan_linear(128, 1, 1)))
M(attention_critic, gan_conv_layer(2, 4, 3, 1, 1, 1), gan_activation(GAN_LEAKY_RELU, 0.2),
  gan_spectral_norm(gan_self_attention_2d(4)), gan_conv_layer(4, 1, 4, 1, 0, 0))

static void test_penalty(void **state) {
    static const row rows[] = {
        {"dcgan 32, no norm", none32, 4, {3, 32, 32, 3}},
        {"dcgan 32, layer norm", layer32, 4, {3, 32, 32, 3}},
        {"dcgan 32, instance norm", instance32, 4, {3, 32, 32, 3}},
        {"dcgan 28, layer norm, dropout", dropped28, 4, {3, 28, 28, 1}},
        {"resnet 28, layer norm", residual28, 4, {2, 28, 28, 1}},
        {"resnet 32, no norm", residual32, 4, {2, 32, 32, 3}},
        {"resnet 28, attention, spectral", d_attentive, 4, {2, 28, 28, 1}},
        {"mlp, layer norm", layer_mlp, 4, {3, 3, 3, 3}},
        {"mlp, spectral norm, minibatch stddev", modern_mlp, 4, {4, 2, 3, 3}},
        {"minibatch stddev", stddev_critic, 4, {4, 4, 4, 2}},
        {"spectral norm", spectral_critic, 4, {3, 4, 4, 2}},
        {"self-attention, spectral norm", attention_critic, 4, {3, 4, 4, 2}},
        {"own critic of many layers", own_critic, 4, {3, 6, 6, 2}},
    };
    (void)state;
    check_all("WGAN-GP penalty", rows, COUNT(rows), 1);
}

/* --- batch norm in a critic under a penalty --- */

static void assert_says_what_to_use(const gan_error *err) {
    assert_non_null(strstr(err->text, "batch norm"));
    assert_non_null(strstr(err->text, "use layer, instance or none"));
}

/* By the settings, by the penalty itself, and by a trainer that is given such a critic. */
static void test_batch_norm_is_refused(void **state) {
    static const golden_case refused = {.name = "refused",
                                        .set = {"loss", "wgan-gp", "norm-d", "batch"}};
    gan_config config;
    golden_run run;
    gan_trainer *tr;
    gan_error err;
    gan_rng rng = gan_rng_make(1, 1, 1);
    gan_tape *t = gan_tape_create(1);
    (void)state;
    assert_int_equal(golden_configure(&refused, &config, &err), GAN_EMODEL);
    assert_says_what_to_use(&err);
    assert_int_equal(golden_open(&golden_cases[0], &run, &err), GAN_OK);
    assert_true(gan_discriminator_mixes_batch(run.d));
    gan_tensor *x = INPUT(t, NULL, 2, 32, 32, 3);
    assert_null(gan_penalty_wgangp(t, run.d, x, x, 10, &rng, &GAN_PASS_TRAIN));
    assert_int_equal(gan_tape_status(t), GAN_EMODEL);
    assert_says_what_to_use(gan_tape_error(t));
    strcpy(run.config.penalty, "gp:10");
    assert_int_equal(gan_trainer_create(&run.config, run.g, run.d, run.data, &tr, &err),
                     GAN_EMODEL);
    assert_null(tr);
    assert_says_what_to_use(&err);
    gan_tape_free(t);
    golden_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_penalty),
        cmocka_unit_test(test_batch_norm_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
