/* SPDX-License-Identifier: MIT
 *
 * nn/network.h - what generator and discriminator have in common: a tree, its parameters, its
 * description. */
#ifndef GAN_NN_NETWORK_H
#define GAN_NN_NETWORK_H

#include "nn/condition.h"

typedef struct gan__network {
    gan_network_config config;
    gan_module *root;
    gan_parameters parameters;
} gan__network;

/* A row of the tables of architectures. `check` puts a message into err when the config is out
 * of range; `build` returns the tree; `weights` counts what its linear and convolutional layers
 * and the tables of its labels will hold, for descriptions that are not trusted (NULL in
 * discriminators, which are not built from files); of_images: a generator's images are made of
 * images. */
typedef struct gan__arch {
    const char *name;
    gan_status (*check)(const gan_network_config *c, gan_error *err);
    gan_module *(*build)(const gan_network_config *c);
    int64_t (*weights)(const gan_network_config *c);
    int of_images;
} gan__arch;

/* What generators and discriminators differ in. */
typedef struct gan__network_kind {
    const char *name;                   /* "generator" */
    const gan__arch *archs;             /* ended by a row whose name is NULL */
    const gan__conditioning *condition; /* a row for each gan_condition */
} gan__network_kind;

extern const gan__network_kind gan__generator_kind, gan__discriminator_kind;

gan_status gan__network_create(gan__network *n, const gan__network_kind *kind,
                               const gan_network_config *config, gan_error *err);
gan_status gan__network_check(const gan__network_kind *kind, const gan_network_config *config,
                              const gan__arch **arch, gan_error *err);

/* The description of what lies inside the condition: what an architecture sees. */
gan_network_config gan__network_inner(const gan__network_kind *kind, const gan_network_config *c);
gan_status gan__network_wrap(gan__network *n, gan_module *root, const gan_network_config *config,
                             gan_error *err);
void gan__network_clear(gan__network *n);

/* A linear layer or a convolution, spectrally normalised if those of the network are; and adds it.
 */
gan_module *gan__weighted(const gan_network_config *c, gan_module *layer);
void gan__add_weighted(gan_module *net, const gan_network_config *c, gan_module *layer);

/* Adds a child under a name such as "block3". */
void gan__add_numbered(gan_module *net, const char *stem, int number, gan_module *child);

/* Adds self-attention (gan/layer.h) behind an image of that side, if there is to be some; and its
 * weights. */
void gan__add_attention(gan_module *net, const gan_network_config *c, int64_t side,
                        int64_t channels);
int64_t gan__attention_weights(const gan_network_config *c, int64_t side, int64_t channels);

/* Adds the minibatch standard deviation behind `channels`, if there is to be one; returns the
 * channels of what comes out. */
int64_t gan__add_stddev(gan_module *net, const gan_network_config *c, int64_t channels);

/* The norm of a discriminator: of auto none under a spectral norm, which is one for all, else
 * `fallback`. */
gan_norm_kind gan__discriminator_norm(const gan_network_config *c, gan_norm_kind fallback);

/* The norm of a kind over `channels`, NULL for none; batch norm (auto is that too) is the labels'
 * where the network is conditioned so. */
gan_module *gan__norm_layer(const gan_network_config *c, gan_norm_kind kind, int64_t channels);

/* The tables of a norm that is conditioned on labels; 0 of others, which have next to nothing. */
int64_t gan__norm_weights(const gan_network_config *c, int64_t channels);

/* norm (batch for auto), activation, dropout: what follows a hidden layer. */
void gan__add_hidden(gan_module *net, const gan_network_config *c, int64_t channels,
                     gan_norm_kind norm, int leaky);

/* Children under running numbers behind a stem: "0", "1", ... or "features.0", ..., as in PyTorch's
 * sequences. */
typedef struct gan__list {
    gan_module *net;
    const gan_network_config *c;
    const char *stem;
    gan_norm_kind norm; /* not auto */
    int next;
} gan__list;

/* The next number and what follows it, ".rcb" or "". */
void gan__list_add(gan__list *l, const char *behind, gan_module *child);
void gan__list_add_weighted(gan__list *l, gan_module *layer);

/* The list's norm; where that is none a number is left out, as PyTorch's Identity has one. Instance
 * norm has no parameters here, as PyTorch's by default. */
void gan__list_add_norm(gan__list *l, int64_t channels);

/* A leaky ReLU, and dropout without a number. */
void gan__list_add_leaky(gan__list *l);

/* Biases before a norm: batch norm would take them away again. */
int gan__list_biased(const gan__list *l);

/* Shared by the networks that double and halve their images, dcgan and resnet: checks the size; the
 * side of the innermost image; doublings from there to the image; and the channels of the level
 * that is `i` doublings away from the image. */
gan_status gan__pyramid_check(const gan_network_config *c, gan_error *err);
int64_t gan__pyramid_innermost(const gan_network_config *c);
int gan__pyramid_levels(const gan_network_config *c);
int64_t gan__pyramid_channels(const gan_network_config *c, int i);

/* The weights of the generator that a config describes, before any of them is allocated. */
gan_status gan__generator_weights(const gan_network_config *c, int64_t *weights, gan_error *err);

/* For the checks of networks that have no attention: GAN_EINVAL where it is asked for. */
gan_status gan__no_attention(const gan_network_config *c, gan_error *err);

/* Shared by the mlp pair. */
gan_status gan__mlp_check(const gan_network_config *c, gan_error *err);

extern const gan__arch gan__generators[], gan__discriminators[];

#endif
