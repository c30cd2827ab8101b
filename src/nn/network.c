/* SPDX-License-Identifier: MIT */
#include "nn/network.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "gan/layer.h"
#include "nn/internal.h"

static gan_status check_sizes(const char *what, const gan_network_config *c, gan_error *err) {
    const struct {
        const char *name;
        int64_t value, low, high;
    } rules[] = {{"height", c->height, 1, 65536},
                 {"width", c->width, 1, 65536},
                 {"channels", c->channels, 1, 4096},
                 {"nz", c->nz, 1, 65536},
                 {"features", c->features, 1, 8192},
                 {"norm", c->norm, GAN_NORM_AUTO, GAN_NORM_NONE},
                 {"spectral", c->spectral, 0, 1},
                 {"stddev", c->stddev, 0, 1024},
                 {"pack", c->pack, 1, 64}};
    if (c->size != sizeof *c)
        return gan__fail(err, GAN_EINVAL, "%s: start its config from GAN_NETWORK_DEFAULTS", what);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].value < rules[i].low || rules[i].value > rules[i].high)
            return gan__fail(err, GAN_EINVAL, "%s: %s is %lld, it must be from %lld to %lld", what,
                             rules[i].name, (long long)rules[i].value, (long long)rules[i].low,
                             (long long)rules[i].high);
    if (!(c->dropout >= 0 && c->dropout < 1))
        return gan__fail(err, GAN_EINVAL, "%s: dropout is %g, it must be from 0 to below 1", what,
                         c->dropout);
    return GAN_OK;
}

static gan_status unknown(const char *what, const gan__arch *table, const char *name,
                          gan_error *err) {
    char known[128] = "";
    for (const gan__arch *a = table; a->name; a++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                 a == table ? "" : ", ", a->name);
    return gan__fail(err, GAN_EINVAL, "there is no %s architecture '%s'; known: %s", what, name,
                     known);
}

gan_status gan__network_check(const char *what, const gan__arch *table,
                              const gan_network_config *config, const gan__arch **arch,
                              gan_error *err) {
    const gan__arch *a = table;
    gan_status s = check_sizes(what, config, err);
    if (s) return s;
    while (a->name && strcmp(a->name, config->arch)) a++;
    if (!a->name) return unknown(what, table, config->arch, err);
    *arch = a;
    return a->check(config, err);
}

gan_status gan__network_create(gan__network *n, const char *what, const gan__arch *table,
                               const gan_network_config *config, gan_error *err) {
    const gan__arch *arch;
    gan_status s = gan__network_check(what, table, config, &arch, err);
    if (s) return s;
    n->config = *config;
    n->root = arch->build(config);
    return gan_parameters_collect(n->root, &n->parameters, err);
}

gan_status gan__network_wrap(gan__network *n, gan_module *root, const gan_network_config *config,
                             gan_error *err) {
    n->root = root;
    gan_status s = check_sizes("network", config, err);
    if (s) return s;
    n->config = *config;
    snprintf(n->config.arch, sizeof n->config.arch, "custom");
    return gan_parameters_collect(root, &n->parameters, err);
}

void gan__network_clear(gan__network *n) {
    gan_parameters_free(&n->parameters);
    gan_module_free(n->root);
}

/* --- pieces of architectures --- */

void gan__add_weighted(gan_module *net, const gan_network_config *c, gan_module *layer) {
    gan_module_add(net, NULL, c->spectral ? gan_spectral_norm(layer) : layer);
}

int64_t gan__add_stddev(gan_module *net, const gan_network_config *c, int64_t channels) {
    if (!c->stddev) return channels;
    gan_module_add(net, NULL, gan_minibatch_stddev(c->stddev));
    return channels + 1;
}

gan_norm_kind gan__discriminator_norm(const gan_network_config *c, gan_norm_kind fallback) {
    if (c->norm != GAN_NORM_AUTO) return c->norm;
    return c->spectral ? GAN_NORM_NONE : fallback;
}

void gan__add_norm(gan_module *net, gan_norm_kind kind, int64_t channels) {
    switch (kind) {
    case GAN_NORM_AUTO:
    case GAN_NORM_BATCH:
        gan_module_add(net, NULL, gan_batch_norm_layer(channels));
        break;
    case GAN_NORM_LAYER:
        gan_module_add(net, NULL, gan_layer_norm_layer(channels));
        break;
    case GAN_NORM_INSTANCE:
        gan_module_add(net, NULL, gan_instance_norm_layer(channels));
        break;
    case GAN_NORM_NONE:
        break;
    }
}

void gan__add_hidden(gan_module *net, const gan_network_config *c, int64_t channels,
                     gan_norm_kind norm, int leaky) {
    gan__add_norm(net, norm, channels);
    gan_module_add(net, NULL, gan_activation(leaky ? GAN_LEAKY_RELU : GAN_RELU, leaky ? 0.2 : 0));
    if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
}

/* Instance norm of a vector would leave nothing of it. */
gan_status gan__mlp_check(const gan_network_config *c, gan_error *err) {
    if (c->norm == GAN_NORM_INSTANCE)
        return gan__fail(err, GAN_EINVAL,
                         "arch mlp has no pixels for instance norm; use layer, batch or none");
    return GAN_OK;
}

gan_status gan__dcgan_check(const gan_network_config *c, gan_error *err) {
    static const int sizes[] = {28, 32, 64, 128, 256};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (c->height == sizes[i] && c->width == sizes[i]) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     "arch dcgan makes images of 28, 32, 64, 128 or 256 squared, not %lldx%lld; "
                     "arch mlp takes any size",
                     (long long)c->height, (long long)c->width);
}

/* Doublings from the innermost image, 4x4 (7x7 for 28), to the full size. */
int gan__dcgan_levels(const gan_network_config *c) {
    int levels = 0;
    for (int64_t side = c->height == 28 ? 7 : 4; side < c->height; side *= 2) levels++;
    return levels;
}

int64_t gan__dcgan_channels(const gan_network_config *c, int i) {
    return c->features * (i < 4 ? (int64_t)1 << i : 16);
}
