/* SPDX-License-Identifier: MIT
 *
 * module_gradcheck.h - gradients of layers, of networks and of the WGAN-GP penalty through them,
 * against central differences (netcheck.h) in the input and all trained parameters. Of the penalty,
 * S0 already holds the first derivatives. */
#ifndef MODULE_GRADCHECK_H
#define MODULE_GRADCHECK_H

#include "netcheck.h"

#include "gan/layer.h"
#include "gan/penalty.h"

typedef struct row {
    const char *name;
    gan_module *(*make)(void);
    int rank;
    int64_t dim[4]; /* of the input */
    int both;       /* in training mode and in evaluation mode; 0: in training */
} row;

typedef struct subject {
    gan_discriminator *d; /* holds the layers */
    int training, penalty;
    gan_tensor *input, *fake; /* fake: for the penalty */
} subject;

static inline gan_tensor *run(gan_tape *t, void *user) {
    const subject *q = user;
    gan_rng dropout = gan_rng_make(1, 2, 3), uniform = gan_rng_make(4, 5, 6);
    const gan_pass pass = {.training = q->training, .rng = &dropout};
    if (q->penalty) return gan_penalty_wgangp(t, q->d, q->input, q->fake, 10, &uniform, &pass);
    return gan_module_forward(t, gan_discriminator_root(q->d), q->input, &pass);
}

static inline void draw(void *user, uint64_t number, gan_rng *r) {
    const subject *q = user;
    netcheck_weights(gan_discriminator_parameters(q->d), number, r);
    gan_spectral_update(gan_discriminator_root(q->d), 2);
    netcheck_fill(q->input, r, -1, 1);
    netcheck_fill(q->fake, r, -1, 1);
}

/* A generator's layers are held by a discriminator too, which does nothing but hold them. */
static inline void open_subject(subject *q, const row *r, int training, int penalty) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_error err;
    *q = (subject){.training = training, .penalty = penalty};
    if (r->rank == 4) c.height = r->dim[1], c.width = r->dim[2], c.channels = r->dim[3];
    if (gan_discriminator_wrap(r->make(), &c, &q->d, &err)) fail_msg("%s: %s", r->name, err.text);
    q->input = gan_tensor_create(r->rank, r->dim);
    q->fake = gan_tensor_create(r->rank, r->dim);
}

static inline double check(const row *r, int training, int penalty) {
    subject s;
    char name[64];
    snprintf(name, sizeof name, "%-36s %s", r->name, training ? "train" : "eval");
    netcheck q = {.name = name, .run = run, .draw = draw, .user = &s};
    open_subject(&s, r, training, penalty);
    if (!penalty) q.x[q.n++] = s.input;
    netcheck_add(&q, gan_discriminator_parameters(s.d));
    double worst = netcheck_all_orders(&q, penalty ? 1 : 2);
    gan_tensor_free(s.input);
    gan_tensor_free(s.fake);
    gan_discriminator_free(s.d);
    return worst;
}

static inline void check_all(const char *title, const row *rows, int n, int penalty) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
        if (rows[i].both) worst = fmax(worst, check(&rows[i], 0, penalty));
        worst = fmax(worst, check(&rows[i], 1, penalty));
    }
    printf("%s: worst error %.2e\n", title, worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

#endif
