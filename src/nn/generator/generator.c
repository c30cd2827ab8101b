/* SPDX-License-Identifier: MIT */
#include "gan/generator.h"

#include "base/error.h"
#include "base/memory.h"
#include "gan/sampler.h"
#include "nn/network.h"

struct gan_generator {
    gan__network net;
    int uniform; /* the distribution of its latent vectors */
};

const gan__network_kind gan__generator_kind = {"generator", gan__generators,
                                               gan__generator_conditions};

static gan_status finish(gan_generator *g, gan_status s, gan_generator **out) {
    if (s)
        gan_generator_free(g);
    else
        *out = g;
    return s;
}

gan_status gan_generator_create(const gan_network_config *config, gan_generator **out,
                                gan_error *err) {
    *out = NULL;
    gan_generator *g = gan__zalloc(1, sizeof *g);
    if (!g) return gan__fail_memory(err);
    return finish(g, gan__network_create(&g->net, &gan__generator_kind, config, err), out);
}

gan_status gan__generator_weights(const gan_network_config *c, int64_t *weights, gan_error *err) {
    const gan__arch *arch;
    gan_status s = gan__network_check(&gan__generator_kind, c, &arch, err);
    if (s) return s;
    gan_network_config inner = gan__network_inner(&gan__generator_kind, c);
    const gan__conditioning *condition = &gan__generator_conditions[c->condition];
    *weights =
        (1 + c->twin) * arch->weights(&inner) + (condition->weights ? condition->weights(c) : 0);
    return GAN_OK;
}

gan_status gan_generator_wrap(gan_module *root, const gan_network_config *config,
                              gan_generator **out, gan_error *err) {
    *out = NULL;
    gan_generator *g = gan__zalloc(1, sizeof *g);
    if (g) return finish(g, gan__network_wrap(&g->net, root, config, err), out);
    gan_module_free(root);
    return gan__fail_memory(err);
}

void gan_generator_free(gan_generator *g) {
    if (!g) return;
    gan__network_clear(&g->net);
    gan__free(g);
}

const gan_network_config *gan_generator_config(const gan_generator *g) {
    return &g->net.config;
}

gan_module *gan_generator_root(gan_generator *g) {
    return g->net.root;
}

gan_parameters *gan_generator_parameters(gan_generator *g) {
    return &g->net.parameters;
}

void gan_generator_set_uniform(gan_generator *g, int uniform) {
    g->uniform = uniform;
}

int gan_generator_is_uniform(const gan_generator *g) {
    return g->uniform;
}

/* Latent vectors, or images of the right kind? */
static int fits(const gan_network_config *c, const gan_tensor *z) {
    if (!c->source_channels) return gan_tensor_rank(z) == 2 && gan_tensor_dim(z, 1) == c->nz;
    return gan_tensor_rank(z) == 4 && gan_tensor_dim(z, 3) == c->source_channels;
}

static gan_tensor *wrong_input(gan_tape *t, const gan_network_config *c, const gan_tensor *z) {
    if (!c->source_channels)
        return gan_tape_fail(t, GAN_ESHAPE, "generator: z has %lld numbers a vector, nz is %lld",
                             (long long)gan_tensor_dim(z, -1), (long long)c->nz);
    return gan_tape_fail(t, GAN_ESHAPE,
                         "generator: it makes images of images with %lld channels, and was given "
                         "some with %lld",
                         (long long)c->source_channels, (long long)gan_tensor_dim(z, -1));
}

/* The side of the result where its own is `side`. */
static int64_t scaled(const gan_network_config *c, const gan_tensor *z, int axis, int64_t side,
                      int64_t source) {
    return c->source_channels ? gan_tensor_dim(z, axis) * side / source : side;
}

gan_tensor *gan_generator_forward(gan_tape *t, gan_generator *g, gan_tensor *z, const int *labels,
                                  const gan_pass *pass) {
    const gan_network_config *c = &g->net.config;
    gan_pass labelled = *pass;
    if (labels) labelled.labels = labels;
    if (z && !fits(c, z)) return wrong_input(t, c, z);
    gan_tensor *x = gan_module_forward(t, g->net.root, z, &labelled);
    if (!x) return NULL;
    int64_t h = scaled(c, z, 1, c->height, c->source_height);
    int64_t w = scaled(c, z, 2, c->width, c->source_width);
    if (gan_tensor_rank(x) != 4 || gan_tensor_dim(x, 1) != h || gan_tensor_dim(x, 2) != w ||
        gan_tensor_dim(x, 3) != c->channels)
        return gan_tape_fail(
            t, GAN_ESHAPE, "generator: it made images of %lldx%lldx%lld, not %lldx%lldx%lld",
            (long long)gan_tensor_dim(x, 1), (long long)gan_tensor_dim(x, 2),
            (long long)gan_tensor_dim(x, 3), (long long)h, (long long)w, (long long)c->channels);
    return x;
}
