/* SPDX-License-Identifier: MIT
 *
 * The tables of conditions. What stands before a network is a sequence {embed, main}; what stands
 * after it, {main, head}, is read by gan_discriminator_forward(). */
#include "nn/condition.h"

#include "gan/layer.h"
#include "gan/shape.h"
#include "nn/internal.h"

#define MOST_FEATURES 128 /* of a label's vector: more classes share them */

static int64_t label_features(const gan_network_config *c) {
    return c->classes < MOST_FEATURES ? c->classes : MOST_FEATURES;
}

/* --- generators --- */

static void longer(gan_network_config *c) {
    c->nz += label_features(c);
}

static gan_module *pair(const char *first, gan_module *a, const char *second, gan_module *b) {
    gan_module *m = gan_sequential(NULL);
    gan_module_add(m, first, a);
    gan_module_add(m, second, b);
    return m;
}

static gan_module *vector_before(gan_module *body, const gan_network_config *c) {
    return pair("embed", gan_label_concat(c->classes, label_features(c)), "main", body);
}

static int64_t vector_weights(const gan_network_config *c) {
    return c->classes * label_features(c);
}

const gan__conditioning gan__generator_conditions[] = {
    [GAN_CONDITION_NONE] = {1, NULL, NULL, NULL},
    [GAN_CONDITION_CONCAT] = {1, longer, vector_before, vector_weights},
    [GAN_CONDITION_NORM] = {1, NULL, NULL, NULL}, /* gan__add_norm() sees to it */
    [GAN_CONDITION_CLASSIFIER] = {0, NULL, NULL, NULL},
};

/* --- discriminators --- */

static void deeper(gan_network_config *c) {
    c->channels += 1;
}

static gan_module *plane_before(gan_module *body, const gan_network_config *c) {
    return pair("embed", gan_label_plane(c->classes, c->height, c->width), "main", body);
}

/* Channels that the last layer reads: the inner axis of its weight. */
static int64_t last_features(const gan_module *body) {
    const gan_module *last = body && body->child_count ? body->child[body->child_count - 1] : NULL;
    return last && last->own_count ? gan_tensor_dim(last->own[0].value, -1) : 0;
}

static gan_module *head_weighted(const gan_network_config *c, gan_module *head) {
    return c->spectral ? gan_spectral_norm(head) : head;
}

static gan_module *projection_behind(gan_module *body, const gan_network_config *c) {
    gan_module *head = gan_label_projection(c->classes, last_features(body));
    return pair("main", body, "embed", head_weighted(c, head));
}

static gan_module *classifier_behind(gan_module *body, const gan_network_config *c) {
    gan_module *head = gan_linear(last_features(body), c->classes, 1);
    return pair("main", body, "classes", head_weighted(c, head));
}

const gan__conditioning gan__discriminator_conditions[] = {
    [GAN_CONDITION_NONE] = {1, NULL, NULL, NULL},
    [GAN_CONDITION_CONCAT] = {1, deeper, plane_before, NULL},
    [GAN_CONDITION_PROJECTION] = {1, NULL, projection_behind, NULL},
    [GAN_CONDITION_CLASSIFIER] = {1, NULL, classifier_behind, NULL},
};

/* --- parts of the tree --- */

static int has_head(const gan_network_config *c) {
    return c->condition == GAN_CONDITION_PROJECTION || c->condition == GAN_CONDITION_CLASSIFIER;
}

gan_module *gan__condition_body(gan_module *root, const gan_network_config *c) {
    return has_head(c) ? gan_module_child(root, 0) : root;
}

gan_module *gan__condition_head(gan_module *root, const gan_network_config *c) {
    return has_head(c) ? gan_module_child(root, 1) : NULL;
}

gan_tensor *gan__condition_pooled(gan_tape *t, gan_tensor *x) {
    if (gan_tensor_rank(x) != 4) return x;
    gan_tensor *sum = gan_sum(t, x, 1u << 1 | 1u << 2);
    return gan_reshape(t, sum, 2, (int64_t[]){gan_tensor_dim(x, 0), -1});
}
