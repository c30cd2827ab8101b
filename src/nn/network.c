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
                 {"attention", c->attention, 0, 65536},
                 {"condition", c->condition, GAN_CONDITION_NONE, GAN_CONDITION_CLASSIFIER},
                 {"classes", c->classes, 0, 65536},
                 {"source_height", c->source_height, 0, 65536},
                 {"source_width", c->source_width, 0, 65536},
                 {"source_channels", c->source_channels, 0, 4096},
                 {"depth", c->depth, 0, 64},
                 {"twin", c->twin, 0, 1},
                 {"stddev", c->stddev, 0, 1024},
                 {"pack", c->pack, 1, 64}};
    if (c->size != sizeof *c)
        return gan__fail(err, GAN_EINVAL, "%s: start its config from GAN_NETWORK_DEFAULTS", what);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].value < rules[i].low || rules[i].value > rules[i].high)
            return gan__fail(err, GAN_EINVAL, "%s: %s is %lld, it must be from %lld to %lld", what,
                             rules[i].name, (long long)rules[i].value, (long long)rules[i].low,
                             (long long)rules[i].high);
    if (!c->source_channels != !c->source_height || !c->source_channels != !c->source_width)
        return gan__fail(
            err, GAN_EINVAL, "%s: the source is %lldx%lldx%lld; all three are 0, or none is", what,
            (long long)c->source_height, (long long)c->source_width, (long long)c->source_channels);
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

#define NAME(code, name, text) name,
static const char *const conditions[] = {GAN_CONDITION_LIST(NAME)};

static gan_status check_condition(const gan__network_kind *kind, const gan_network_config *c,
                                  gan_error *err) {
    const char *name = conditions[c->condition];
    if (!kind->condition[c->condition].known)
        return gan__fail(err, GAN_EINVAL, "a %s cannot take its labels by condition %s", kind->name,
                         name);
    if (c->condition == GAN_CONDITION_NONE) return GAN_OK;
    if (c->twin)
        return gan__fail(err, GAN_EINVAL, "%s: condition %s with twin networks is not known",
                         kind->name, name);
    if (c->classes < 1)
        return gan__fail(err, GAN_EINVAL, "%s: condition %s wants a number of classes, 1 or more",
                         kind->name, name);
    if (c->condition == GAN_CONDITION_NORM && c->norm > GAN_NORM_BATCH)
        return gan__fail(err, GAN_EINVAL,
                         "%s: condition norm is in batch norms, and its norm is another; use "
                         "condition concat",
                         kind->name);
    if (c->condition == GAN_CONDITION_CONCAT && kind == &gan__generator_kind && c->source_channels)
        return gan__fail(err, GAN_EINVAL,
                         "generator: condition concat stands beside a latent vector, and it makes "
                         "images of images; use condition norm");
    if (c->pack > 1 && kind == &gan__discriminator_kind)
        return gan__fail(err, GAN_EINVAL,
                         "discriminator: the images of a pack have several labels, condition %s "
                         "wants one; use a pack of 1",
                         name);
    return GAN_OK;
}

/* A generator is given what it makes its images of. */
static gan_status check_source(const gan__network_kind *kind, const gan__arch *a,
                               const gan_network_config *c, gan_error *err) {
    if (kind != &gan__generator_kind || a->of_images == !!c->source_channels) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     a->of_images ? "arch %s makes images of images; set the source's sizes"
                                  : "arch %s makes images of latent vectors; its source must be 0",
                     a->name);
}

gan_status gan__network_check(const gan__network_kind *kind, const gan_network_config *config,
                              const gan__arch **arch, gan_error *err) {
    const gan__arch *a = kind->archs;
    gan_status s = check_sizes(kind->name, config, err);
    if (!s) s = check_condition(kind, config, err);
    if (s) return s;
    while (a->name && strcmp(a->name, config->arch)) a++;
    if (!a->name) return unknown(kind->name, kind->archs, config->arch, err);
    *arch = a;
    s = check_source(kind, a, config, err);
    return s ? s : a->check(config, err);
}

gan_network_config gan__network_inner(const gan__network_kind *kind, const gan_network_config *c) {
    gan_network_config inner = *c;
    if (kind->condition[c->condition].inner) kind->condition[c->condition].inner(&inner);
    return inner;
}

gan_status gan__network_create(gan__network *n, const gan__network_kind *kind,
                               const gan_network_config *config, gan_error *err) {
    const gan__arch *arch;
    gan_status s = gan__network_check(kind, config, &arch, err);
    if (s) return s;
    const gan__conditioning *condition = &kind->condition[config->condition];
    gan_network_config inner = gan__network_inner(kind, config);
    n->config = *config;
    n->root = arch->build(&inner);
    if (config->twin) n->root = gan_twin("there", n->root, "back", arch->build(&inner));
    if (condition->around) n->root = condition->around(n->root, config);
    return gan_parameters_collect(n->root, &n->parameters, err);
}

gan_status gan__network_wrap(gan__network *n, gan_module *root, const gan_network_config *config,
                             gan_error *err) {
    n->root = root;
    gan_status s = check_sizes("network", config, err);
    if (s) return s;
    if (config->condition)
        return gan__fail(err, GAN_EINVAL,
                         "a network of your own takes labels in modules of its own; its config's "
                         "condition must be none");
    n->config = *config;
    snprintf(n->config.arch, sizeof n->config.arch, "custom");
    return gan_parameters_collect(root, &n->parameters, err);
}

void gan__network_clear(gan__network *n) {
    gan_parameters_free(&n->parameters);
    gan_module_free(n->root);
}

/* --- pieces of architectures --- */

gan_module *gan__weighted(const gan_network_config *c, gan_module *layer) {
    return c->spectral ? gan_spectral_norm(layer) : layer;
}

void gan__add_weighted(gan_module *net, const gan_network_config *c, gan_module *layer) {
    gan_module_add(net, NULL, gan__weighted(c, layer));
}

void gan__add_numbered(gan_module *net, const char *stem, int number, gan_module *child) {
    char name[32];
    snprintf(name, sizeof name, "%.16s%d", stem, number);
    gan_module_add(net, name, child);
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

static gan_module *batch_norm(const gan_network_config *c, int64_t channels) {
    if (c->condition != GAN_CONDITION_NORM) return gan_batch_norm_layer(channels);
    return gan_conditional_batch_norm_layer(c->classes, channels);
}

int64_t gan__norm_weights(const gan_network_config *c, int64_t channels) {
    return c->condition == GAN_CONDITION_NORM ? 2 * c->classes * channels : 0;
}

gan_module *gan__norm_layer(const gan_network_config *c, gan_norm_kind kind, int64_t channels) {
    switch (kind) {
    case GAN_NORM_AUTO:
    case GAN_NORM_BATCH:
        return batch_norm(c, channels);
    case GAN_NORM_LAYER:
        return gan_layer_norm_layer(channels);
    case GAN_NORM_INSTANCE:
        return gan_instance_norm_layer(channels);
    case GAN_NORM_NONE:
        break;
    }
    return NULL;
}

void gan__add_hidden(gan_module *net, const gan_network_config *c, int64_t channels,
                     gan_norm_kind norm, int leaky) {
    if (norm != GAN_NORM_NONE) gan_module_add(net, NULL, gan__norm_layer(c, norm, channels));
    gan_module_add(net, NULL, gan_activation(leaky ? GAN_LEAKY_RELU : GAN_RELU, leaky ? 0.2 : 0));
    if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
}

void gan__add_attention(gan_module *net, const gan_network_config *c, int64_t side,
                        int64_t channels) {
    if (c->attention == side)
        gan_module_add(net, "attn", gan__weighted(c, gan_self_attention_2d(channels)));
}

int64_t gan__attention_weights(const gan_network_config *c, int64_t side, int64_t channels) {
    int64_t few = channels > 8 ? channels / 8 : 1, half = channels > 2 ? channels / 2 : 1;
    return c->attention == side ? 2 * channels * (few + half) : 0;
}

void gan__list_add(gan__list *l, const char *behind, gan_module *child) {
    char name[64];
    snprintf(name, sizeof name, "%.16s%d%.24s", l->stem, l->next++, behind);
    gan_module_add(l->net, name, child);
}

void gan__list_add_weighted(gan__list *l, gan_module *layer) {
    gan__list_add(l, "", gan__weighted(l->c, layer));
}

void gan__list_add_norm(gan__list *l, int64_t channels) {
    if (l->norm == GAN_NORM_NONE)
        l->next++;
    else if (l->norm == GAN_NORM_INSTANCE)
        gan__list_add(l, "", gan_plain_instance_norm_layer(channels));
    else
        gan__list_add(l, "", gan__norm_layer(l->c, l->norm, channels));
}

void gan__list_add_leaky(gan__list *l) {
    gan__list_add(l, "", gan_activation(GAN_LEAKY_RELU, 0.2));
    if (l->c->dropout > 0) gan_module_add(l->net, "dropout", gan_dropout(l->c->dropout));
}

int gan__list_biased(const gan__list *l) {
    return l->norm != GAN_NORM_BATCH;
}

gan_status gan__no_attention(const gan_network_config *c, gan_error *err) {
    if (!c->attention) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     "arch %s has no place for attention at %lld; use dcgan or "
                     "resnet",
                     c->arch, (long long)c->attention);
}

/* Instance norm of a vector would leave nothing of it. */
gan_status gan__mlp_check(const gan_network_config *c, gan_error *err) {
    if (gan__no_attention(c, err)) return GAN_EINVAL;
    if (c->norm == GAN_NORM_INSTANCE)
        return gan__fail(err, GAN_EINVAL,
                         "arch mlp has no pixels for instance norm; use layer, batch or none");
    return GAN_OK;
}

/* An image inside has that side. */
static gan_status check_attention(const gan_network_config *c, gan_error *err) {
    int64_t side = gan__pyramid_innermost(c);
    while (side < c->height / 2 && side < c->attention) side *= 2;
    if (!c->attention || side == c->attention) return GAN_OK;
    return gan__fail(err, GAN_EINVAL,
                     "attention at %lld: arch %s of %lld has images of %lld, doubled up to %lld, "
                     "inside",
                     (long long)c->attention, c->arch, (long long)c->height,
                     (long long)gan__pyramid_innermost(c), (long long)c->height / 2);
}

gan_status gan__pyramid_check(const gan_network_config *c, gan_error *err) {
    static const int sizes[] = {28, 32, 64, 128, 256};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (c->height == sizes[i] && c->width == sizes[i]) return check_attention(c, err);
    return gan__fail(err, GAN_EINVAL,
                     "arch %s makes images of 28, 32, 64, 128 or 256 squared, not %lldx%lld; "
                     "arch mlp takes any size",
                     c->arch, (long long)c->height, (long long)c->width);
}

int64_t gan__pyramid_innermost(const gan_network_config *c) {
    return c->height == 28 ? 7 : 4;
}

int gan__pyramid_levels(const gan_network_config *c) {
    int levels = 0;
    for (int64_t side = gan__pyramid_innermost(c); side < c->height; side *= 2) levels++;
    return levels;
}

int64_t gan__pyramid_channels(const gan_network_config *c, int i) {
    return c->features * (i < 4 ? (int64_t)1 << i : 16);
}
