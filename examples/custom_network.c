/* SPDX-License-Identifier: MIT
 *
 * custom_network - trains networks of one's own, with a layer of one's own.
 *
 *     custom_network DATA_DIR OUT_DIR [NAME VALUE]...
 *     custom_network faces runs/residual loss wgan-gp steps 3000
 *
 * A network is a tree of modules; its parameters have the names of the path to them. The trainer
 * knows nothing of architectures: it trains whatever maps [N,nz] to images, and images to N scores.
 * The second call with the same OUT_DIR goes on where the first one ended: the program builds the
 * same networks again, and their state is found by name.
 *
 * The networks here are residual: upsampling in place of transposed convolutions, pooling in place
 * of strides, and between them blocks that add something to what they are given. */
#include <stdio.h>

#include <gan.h>

/* --- a layer: y = x + gain * f(x), f a child, `gain` one number for each channel. It starts at 0
 * (what GAN_ROLE_BIAS means), so that a new block passes on what it gets: arXiv:2003.04887.
 * Gradients, also those of gradients, follow from the operations used. --- */

static gan_tensor *residual_forward(gan_tape *t, gan_module *m, gan_tensor *x,
                                    const gan_pass *pass) {
    gan_tensor *f = gan_module_forward(t, gan_module_child(m, 0), x, pass);
    return gan_add(t, x, gan_mul(t, f, gan_module_parameter(m, 0)));
}

static const gan_module_type residual_type = {.name = "residual", .forward = residual_forward};

static gan_module *residual(int64_t channels, double slope) {
    gan_module *m = gan_module_create(&residual_type, 0), *f = gan_sequential(NULL);
    gan_module_add(f, NULL, gan_layer_norm_layer(channels));
    gan_module_add(f, NULL, gan_activation(GAN_LEAKY_RELU, slope));
    gan_module_add(f, NULL, gan_conv_layer(channels, channels, 3, 1, 1, 0));
    gan_module_add(m, "branch", f);
    gan_module_add_parameter(m, "gain", GAN_ROLE_BIAS, 1, &channels, 1, 1);
    return m; /* what has failed above is known to m, and to all that contains it */
}

/* --- the networks. gan_module_add(NULL, ...) and additions to a failed module do nothing but free
 * the child, so that nothing need be checked before the end. --- */

static gan_module *generator(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    int64_t channels = 8 * c->features, side = 4;
    gan_module_add(net, NULL, gan_linear(c->nz, side * side * channels, 1));
    gan_module_add(net, NULL, gan_unflatten(side, side, channels));
    for (; side < c->height; side *= 2) {
        int64_t next = channels > c->features ? channels / 2 : channels;
        gan_module_add(net, NULL, gan_upsample_layer(2));
        gan_module_add(net, NULL, gan_conv_layer(channels, next, 3, 1, 1, 1));
        gan_module_add(net, NULL, residual(next, 0));
        channels = next;
    }
    gan_module_add(net, NULL, gan_layer_norm_layer(channels));
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    gan_module_add(net, "to_image", gan_conv_layer(channels, c->channels, 3, 1, 1, 1));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    return net;
}

/* No batch norm: scores that depend on the rest of a batch have no gradient of their own, which
 * wgan-gp needs. */
static gan_module *discriminator(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    int64_t channels = c->features, side = c->height;
    gan_module_add(net, "from_image", gan_conv_layer(c->channels, channels, 3, 1, 1, 1));
    for (; side > 4; side /= 2) {
        int64_t next = channels < 8 * c->features ? 2 * channels : channels;
        gan_module_add(net, NULL, residual(channels, 0.2));
        gan_module_add(net, NULL, gan_conv_layer(channels, next, 3, 1, 1, 1));
        gan_module_add(net, NULL, gan_average_pool_layer(2));
        channels = next;
    }
    gan_module_add(net, NULL, gan_activation(GAN_LEAKY_RELU, 0.2));
    gan_module_add(net, NULL, gan_flatten(side, side, channels));
    gan_module_add(net, NULL, gan_linear(side * side * channels, 1, 1));
    return net;
}

/* --- from here on it is the same as with the built-in ones, which dcgan_faces.c explains --- */

static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    gan_config_init(c);
    gan_status s = gan_config_set(c, "data", data, err);
    c->features = 16;
    c->init = GAN_INIT_HE;
    c->max_minutes = 10;
    if (!s) s = gan_config_set_all(c, count, words, err);
    if (!s) s = gan_config_resolve(c, err);
    int64_t side = c->height;
    while (side > 4 && side % 2 == 0) side /= 2;
    if (!s && (side != 4 || c->width != c->height))
        s = err->code = GAN_EINVAL,
        snprintf(err->text, sizeof err->text, "size must be 8, 16, 32, 64, ...");
    return s;
}

static int after_step(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user, (void)tr;
    printf("step %lld  d_loss %.3f  g_loss %.3f\n", (long long)r->step, r->d_loss, r->g_loss);
    return 0;
}

int main(int argc, char **argv) {
    gan_config config;
    gan_dataset *data = NULL;
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_trainer *tr = NULL;
    gan_callbacks call = {.after_step = after_step};
    gan_error err = {0};
    if (argc < 3 || argc % 2 == 0)
        return fprintf(stderr, "usage: custom_network DATA_DIR OUT_DIR [NAME VALUE]...\n"), 2;

    gan_status s = configure(&config, argv[1], argc - 3, (const char *const *)argv + 3, &err);
    gan_network_config of_g = gan_config_generator(&config);
    gan_network_config of_d = gan_config_discriminator(&config);
    if (!s) s = gan_config_open_data(&config, &data, &err);
    if (!s) s = gan_generator_wrap(generator(&of_g), &of_g, &g, &err);
    if (!s) s = gan_discriminator_wrap(discriminator(&of_d), &of_d, &d, &err);
    if (!s) s = gan_trainer_create(&config, g, d, data, &tr, &err);
    if (!s) s = gan_run(tr, argv[2], gan_run_exists(argv[2]), &call, &err);
    if (s) fprintf(stderr, "custom_network: %s\n", err.text);

    gan_trainer_free(tr);
    gan_discriminator_free(d);
    gan_generator_free(g);
    gan_dataset_free(data);
    return s ? 1 : 0;
}
