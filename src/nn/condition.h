/* SPDX-License-Identifier: MIT
 *
 * nn/condition.h - how networks take labels: what surrounds an architecture, so that all of them
 * can be conditional without knowing it. */
#ifndef GAN_NN_CONDITION_H
#define GAN_NN_CONDITION_H

#include "gan/network.h"

/* A row for each gan_condition. */
typedef struct gan__conditioning {
    int known; /* has this kind of network such a condition? */
    /* Changes a description to that of the network inside; NULL: it stays. */
    void (*inner)(gan_network_config *c);
    /* The tree around the network inside, whose parameters it names; NULL: none. */
    gan_module *(*around)(gan_module *body, const gan_network_config *c);
    /* What it adds to the weights of the network inside; NULL: nothing that counts. */
    int64_t (*weights)(const gan_network_config *c);
} gan__conditioning;

extern const gan__conditioning gan__generator_conditions[], gan__discriminator_conditions[];

/* The network inside a tree that gan__conditioning.around() made; the tree itself where there is
 * none. */
gan_module *gan__condition_body(gan_module *root, const gan_network_config *c);

/* What such a tree makes of what its last layer reads; NULL: nothing. */
gan_tensor *gan__condition_head(gan_tape *t, gan_module *root, const gan_network_config *c,
                                gan_tensor *features, const gan_pass *pass);

#endif
