/* SPDX-License-Identifier: MIT
 *
 * nn/network.h - what generator and discriminator have in common: a tree, its parameters, its
 * description. */
#ifndef GAN_NN_NETWORK_H
#define GAN_NN_NETWORK_H

#include "gan/network.h"

typedef struct gan__network {
    gan_network_config config;
    gan_module *root;
    gan_parameters parameters;
} gan__network;

/* A row of the tables of architectures. `check` puts a message into err when the config is out of
 * range; `build` returns the tree; `weights` counts what its linear and convolutional layers will
 * hold, for descriptions that are not trusted (NULL in discriminators, which are not built from
 * files). */
typedef struct gan__arch {
    const char *name;
    gan_status (*check)(const gan_network_config *c, gan_error *err);
    gan_module *(*build)(const gan_network_config *c);
    int64_t (*weights)(const gan_network_config *c);
} gan__arch;

/* Tables end with a row whose name is NULL. `what` is "generator" or "discriminator". */
gan_status gan__network_create(gan__network *n, const char *what, const gan__arch *table,
                               const gan_network_config *config, gan_error *err);
gan_status gan__network_check(const char *what, const gan__arch *table,
                              const gan_network_config *config, const gan__arch **arch,
                              gan_error *err);
gan_status gan__network_wrap(gan__network *n, gan_module *root, const gan_network_config *config,
                             gan_error *err);
void gan__network_clear(gan__network *n);

/* Adds a linear layer or a convolution, spectrally normalised if those of the network are. */
void gan__add_weighted(gan_module *net, const gan_network_config *c, gan_module *layer);

/* Adds the minibatch standard deviation behind `channels`, if there is to be one; returns the
 * channels of what comes out. */
int64_t gan__add_stddev(gan_module *net, const gan_network_config *c, int64_t channels);

/* The norm of a discriminator: of auto none under a spectral norm, which is one for all, else
 * `fallback`. */
gan_norm_kind gan__discriminator_norm(const gan_network_config *c, gan_norm_kind fallback);

/* Adds the norm of a kind over `channels`, if it is one. */
void gan__add_norm(gan_module *net, gan_norm_kind kind, int64_t channels);

/* norm (batch for auto), activation, dropout: what follows a hidden layer. */
void gan__add_hidden(gan_module *net, const gan_network_config *c, int64_t channels,
                     gan_norm_kind norm, int leaky);

/* Shared by the dcgan pair: checks the size, and the channels of the level that is `i` doublings
 * away from the image. */
gan_status gan__dcgan_check(const gan_network_config *c, gan_error *err);
int gan__dcgan_levels(const gan_network_config *c);
int64_t gan__dcgan_channels(const gan_network_config *c, int i);

/* The weights of the generator that a config describes, before any of them is allocated. */
gan_status gan__generator_weights(const gan_network_config *c, int64_t *weights, gan_error *err);

/* Shared by the mlp pair. */
gan_status gan__mlp_check(const gan_network_config *c, gan_error *err);

extern const gan__arch gan__generators[], gan__discriminators[];

#endif
