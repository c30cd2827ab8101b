/* SPDX-License-Identifier: MIT
 *
 * Networks for points in the plane, and what the settings of a discriminator add to any. */
#include <string.h>

#include "cli/modes.h"

/* --- what settings add --- */

int64_t modes_inputs(const gan_network_config *c) {
    return c->channels * c->pack;
}

gan_module *modes_constrained(const gan_network_config *c, gan_module *layer) {
    return c->spectral ? gan_spectral_norm(layer) : layer;
}

int64_t modes_add_stddev(gan_module *net, const gan_network_config *c) {
    if (c->stddev < 1) return 0;
    gan_module_add(net, NULL, gan_minibatch_stddev(c->stddev));
    return 1;
}

void modes_add_norm(gan_module *net, gan_norm_kind kind, int64_t channels) {
    if (kind == GAN_NORM_BATCH) gan_module_add(net, NULL, gan_batch_norm_layer(channels));
    if (kind == GAN_NORM_LAYER) gan_module_add(net, NULL, gan_layer_norm_layer(channels));
    if (kind == GAN_NORM_INSTANCE) gan_module_add(net, NULL, gan_instance_norm_layer(channels));
}

gan_norm_kind modes_norm(const gan_network_config *c, gan_norm_kind own) {
    return c->norm == GAN_NORM_AUTO ? own : c->norm;
}

/* The last layer, behind `features` channels: scores [N]. */
static void add_scores(gan_module *net, const gan_network_config *c, int64_t features) {
    features += modes_add_stddev(net, c);
    gan_module_add(net, NULL, modes_constrained(c, gan_linear(features, 1, 1)));
}

/* --- PacGAN's: arXiv:1712.04086, appendix --- */

static gan_module *pacgan_g(const gan_network_config *c) {
    enum { DEPTH = 4, UNITS = 400 };
    gan_norm_kind norm = modes_norm(c, GAN_NORM_BATCH);
    gan_module *net = gan_sequential("main");
    for (int i = 0; i < DEPTH; i++) {
        int64_t in = i ? UNITS : c->nz;
        gan_module_add(net, NULL,
                       modes_constrained(c, gan_linear(in, UNITS, norm == GAN_NORM_NONE)));
        modes_add_norm(net, norm, UNITS);
        gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    }
    gan_module_add(net, NULL, modes_constrained(c, gan_linear(UNITS, c->channels, 1)));
    gan_module_add(net, NULL, gan_unflatten(1, 1, c->channels));
    return net;
}

static gan_module *pacgan_d(const gan_network_config *c, double ratio) {
    enum { DEPTH = 3, UNITS = 200, UNIT_PIECES = 5 };
    gan_module *net = gan_sequential("main");
    int64_t in = modes_inputs(c);
    (void)ratio;
    gan_module_add(net, NULL, gan_flatten(1, 1, in));
    for (int i = 0; i < DEPTH; i++, in = UNITS) {
        gan_module_add(net, NULL, modes_constrained(c, gan_linear(in, UNITS * UNIT_PIECES, 1)));
        gan_module_add(net, NULL, gan_maxout_layer(UNIT_PIECES));
        modes_add_norm(net, modes_norm(c, GAN_NORM_NONE), UNITS);
        if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
    }
    add_scores(net, c, in);
    return net;
}

static const char *const pacgan_defaults[] = {
    "size",  "1",   "nz",    "2",     "batch",   "100", "lr-g",    "1e-4", "lr-d", "1e-4",
    "beta1", "0.8", "beta2", "0.999", "holdout", "0",   "threads", "1",    NULL};

/* --- WGAN-GP's toys: arXiv:1704.00028 --- */

enum { TOY_DEPTH = 3, TOY_UNITS = 512 };

static gan_module *toy_g(const gan_network_config *c) {
    gan_module *net = gan_sequential("main");
    for (int i = 0; i < TOY_DEPTH; i++) {
        gan_module_add(net, NULL,
                       modes_constrained(c, gan_linear(i ? TOY_UNITS : c->nz, TOY_UNITS, 1)));
        modes_add_norm(net, modes_norm(c, GAN_NORM_NONE), TOY_UNITS);
        gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    }
    gan_module_add(net, NULL, modes_constrained(c, gan_linear(TOY_UNITS, c->channels, 1)));
    gan_module_add(net, NULL, gan_unflatten(1, 1, c->channels));
    return net;
}

static gan_module *toy_d(const gan_network_config *c, double ratio) {
    gan_module *net = gan_sequential("main");
    int64_t in = modes_inputs(c);
    (void)ratio;
    gan_module_add(net, NULL, gan_flatten(1, 1, in));
    for (int i = 0; i < TOY_DEPTH; i++, in = TOY_UNITS) {
        gan_module_add(net, NULL, modes_constrained(c, gan_linear(in, TOY_UNITS, 1)));
        modes_add_norm(net, modes_norm(c, GAN_NORM_NONE), TOY_UNITS);
        gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
        if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
    }
    add_scores(net, c, in);
    return net;
}

static const char *const toy_defaults[] = {
    "size", "1",       "nz",   "2",     "batch",   "256",     "lr-g", "1e-4",    "lr-d",
    "1e-4", "beta1",   "0.5",  "beta2", "0.9",     "holdout", "0",    "threads", "1",
    "loss", "wgan-gp", "init", "he",    "penalty", "gp:0.1",  NULL};

/* --- the rows --- */

#define PACGAN                                                                                     \
    {                                                                                              \
        .name = "pacgan", .title = "G 4 x 400 batch norm ReLU, D 3 x 200 maxout of 5",             \
        .defaults = pacgan_defaults, .generator = pacgan_g, .discriminator = pacgan_d              \
    }
#define TOY                                                                                        \
    {                                                                                              \
        .name = "wgan-gp", .title = "G and D 3 x 512 ReLU", .defaults = toy_defaults,              \
        .generator = toy_g, .discriminator = toy_d                                                 \
    }

const modes_networks modes_point_networks[] = {PACGAN, TOY, {0}};
const modes_networks modes_roll_networks[] = {TOY, {0}};
