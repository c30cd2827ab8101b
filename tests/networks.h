/* SPDX-License-Identifier: MIT
 *
 * networks.h - networks with drawn weights, their parameters by name, what gradients reach. Include it
 * after support.h. */
#ifndef GAN_TESTS_NETWORKS_H
#define GAN_TESTS_NETWORKS_H

#include "gan/discriminator.h"
#include "gan/generator.h"

static inline gan_generator *generator(const gan_network_config *c) {
    gan_generator *g;
    gan_error err = {0};
    if (gan_generator_create(c, &g, &err)) fail_msg("%s", err.text);
    gan_parameters_initialise(gan_generator_parameters(g), GAN_INIT_HE, 2, 1);
    return g;
}

static inline gan_discriminator *discriminator(const gan_network_config *c) {
    gan_discriminator *d;
    gan_error err = {0};
    if (gan_discriminator_create(c, &d, &err)) fail_msg("%s", err.text);
    gan_parameters_initialise(gan_discriminator_parameters(d), GAN_INIT_HE, 1, 1);
    return d;
}

/* NULL: there is none. */
static inline const gan_parameter *find(const gan_parameters *p, const char *name) {
    for (int i = 0; i < p->count; i++)
        if (!strcmp(p->item[i].name, name)) return &p->item[i];
    return NULL;
}

/* The gradient of y's sum by each trained parameter is finite, and not all zeros. */
static inline void assert_gradients_reach(gan_tape *t, gan_tensor *y, const gan_parameters *p) {
    for (int k = 0; k < p->count; k++) {
        gan_tensor *g;
        double size = 0;
        if (!gan_parameter_trained(&p->item[k])) continue;
        gan_grad(t, y, NULL, 1, &p->item[k].value, &g, GAN_GRAD_KEEP);
        assert_tape_ok(t);
        for (int64_t e = 0; e < gan_tensor_size(g); e++)
            size += fabs((double)gan_tensor_data(g)[e]);
        assert_true(size > 0 && isfinite(size));
    }
}

#endif
