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
    [GAN_CONDITION_NORM] = {1, NULL, NULL, NULL}, /* gan__norm_layer() sees to it */
    [GAN_CONDITION_CLASSIFIER] = {0, NULL, NULL, NULL},
};

/* --- discriminators --- */

static void deeper(gan_network_config *c) {
    c->channels += 1;
}

static gan_module *plane_before(gan_module *body, const gan_network_config *c) {
    return pair("embed", gan_label_plane(c->classes, c->height, c->width), "main", body);
}

/* What the last layer reads: a vector, or an image as large as its kernel. */
static gan__image_shape last_input(const gan_module *body) {
    const gan_module *last = body && body->child_count ? body->child[body->child_count - 1] : NULL;
    const gan_tensor *w = last && last->own_count ? last->own[0].value : NULL;
    if (gan_tensor_rank(w) != 4) return (gan__image_shape){1, 1, gan_tensor_dim(w, -1)};
    return (gan__image_shape){gan_tensor_dim(w, 1), gan_tensor_dim(w, 2), gan_tensor_dim(w, 3)};
}

/* A head reads the features pixel by pixel, as the last layer does: a projection is then a kernel of
 * the class's own beside that. (SNGAN's sums them over pixels first; its resnet does so in its own
 * last layers. Where few convolutions come before, a sum would have forgotten where they were.) */
static gan_module *behind(gan_module *body, const char *name, gan_module *head(int64_t, int64_t),
                          const gan_network_config *c) {
    gan__image_shape s = last_input(body);
    gan_module *m = gan_sequential(NULL), *h = head(s.h * s.w * s.c, c->classes);
    gan_module_add(m, "main", body);
    gan_module_add(m, NULL, gan_flatten(s.h, s.w, s.c));
    gan_module_add(m, name, c->spectral ? gan_spectral_norm(h) : h);
    return m;
}

static gan_module *projection(int64_t features, int64_t classes) {
    return gan_label_projection(classes, features);
}

static gan_module *classifier(int64_t features, int64_t classes) {
    return gan_linear(features, classes, 1);
}

static gan_module *projection_behind(gan_module *body, const gan_network_config *c) {
    return behind(body, "embed", projection, c);
}

static gan_module *classifier_behind(gan_module *body, const gan_network_config *c) {
    return behind(body, "classes", classifier, c);
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

gan_tensor *gan__condition_head(gan_tape *t, gan_module *root, const gan_network_config *c,
                                gan_tensor *features, const gan_pass *pass) {
    if (!has_head(c) || !features) return NULL;
    return gan__module_run(t, root, 1, root->child_count, features, pass, NULL);
}
