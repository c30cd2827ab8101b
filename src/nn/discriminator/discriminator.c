/* SPDX-License-Identifier: MIT */
#include "gan/discriminator.h"

#include "base/error.h"
#include "base/memory.h"
#include "gan/augment.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "nn/network.h"

struct gan_discriminator {
    gan__network net;
};

const gan__network_kind gan__discriminator_kind = {"discriminator", gan__discriminators,
                                                   gan__discriminator_conditions};

static gan_status finish(gan_discriminator *d, gan_status s, gan_discriminator **out) {
    if (s)
        gan_discriminator_free(d);
    else
        *out = d;
    return s;
}

gan_status gan_discriminator_create(const gan_network_config *config, gan_discriminator **out,
                                    gan_error *err) {
    *out = NULL;
    gan_discriminator *d = gan__zalloc(1, sizeof *d);
    if (!d) return gan__fail_memory(err);
    return finish(d, gan__network_create(&d->net, &gan__discriminator_kind, config, err), out);
}

gan_status gan_discriminator_wrap(gan_module *root, const gan_network_config *config,
                                  gan_discriminator **out, gan_error *err) {
    *out = NULL;
    gan_discriminator *d = gan__zalloc(1, sizeof *d);
    if (d) return finish(d, gan__network_wrap(&d->net, root, config, err), out);
    gan_module_free(root);
    return gan__fail_memory(err);
}

void gan_discriminator_free(gan_discriminator *d) {
    if (!d) return;
    gan__network_clear(&d->net);
    gan__free(d);
}

const gan_network_config *gan_discriminator_config(const gan_discriminator *d) {
    return &d->net.config;
}

gan_module *gan_discriminator_root(gan_discriminator *d) {
    return d->net.root;
}

gan_parameters *gan_discriminator_parameters(gan_discriminator *d) {
    return &d->net.parameters;
}

int gan_discriminator_mixes_batch(gan_discriminator *d) {
    return gan_module_mixes_batch(d->net.root) |
           (d->net.config.pack > 1 ? GAN_MIXES_ON_PURPOSE : GAN_MIXES_NOTHING);
}

static int fits(const gan_network_config *c, const gan_tensor *x) {
    return gan_tensor_rank(x) == 4 && gan_tensor_dim(x, 1) == c->height &&
           gan_tensor_dim(x, 2) == c->width && gan_tensor_dim(x, 3) == c->channels;
}

static void wrong_images(gan_tape *t, const gan_network_config *c, const gan_tensor *x) {
    gan_tape_fail(t, GAN_ESHAPE,
                  "discriminator: images are %lldx%lldx%lld, it is for %lldx%lldx%lld",
                  (long long)gan_tensor_dim(x, 1), (long long)gan_tensor_dim(x, 2),
                  (long long)gan_tensor_dim(x, 3), (long long)c->height, (long long)c->width,
                  (long long)c->channels);
}

/* [N,H,W,C] to [N/p,H,W,p C]: p images that follow one another become the channels of one. */
static gan_tensor *packed(gan_tape *t, const gan_network_config *c, gan_tensor *x) {
    int64_t n = gan_tensor_dim(x, 0), p = c->pack, h = c->height, w = c->width;
    if (p == 1 || !x) return x;
    if (n % p)
        return gan_tape_fail(t, GAN_ESHAPE,
                             "discriminator: %lld images cannot be cut into packs of %lld; give "
                             "it a multiple of that",
                             (long long)n, (long long)p);
    gan_tensor *y = gan_reshape(t, x, 5, (int64_t[]){n / p, p, h, w, c->channels});
    y = gan_permute(t, y, (const int[]){0, 2, 3, 1, 4});
    return gan_reshape(t, y, 4, (int64_t[]){n / p, h, w, p * c->channels});
}

/* One for each image, or a map [N,h,w,1] of patches' scores. */
static int are_scores(const gan_tensor *y, int64_t n) {
    int map = gan_tensor_rank(y) == 4 && gan_tensor_dim(y, 0) == n && gan_tensor_dim(y, 3) == 1;
    return gan_tensor_size(y) == n || (map && gan_tensor_size(y));
}

/* What a head makes of the features: logits of classes, or what a projection adds to the scores. */
static void use_head(gan_tape *t, gan_discriminator *d, const gan_pass *pass, gan_judgement *j) {
    const gan_network_config *c = &d->net.config;
    gan_tensor *y = gan__condition_head(t, d->net.root, c, j->features, pass);
    if (c->condition == GAN_CONDITION_CLASSIFIER)
        j->classes = y;
    else if (c->condition == GAN_CONDITION_PROJECTION)
        j->scores = gan_add(t, j->scores, y);
}

gan_judgement gan_discriminator_forward(gan_tape *t, gan_discriminator *d, gan_tensor *x,
                                        const int *labels, const gan_pass *pass) {
    const gan_network_config *c = &d->net.config;
    gan_judgement result = {NULL, NULL, NULL};
    gan_pass labelled = *pass;
    if (labels) labelled.labels = labels;
    if (!x) return result;
    if (!fits(c, x)) {
        wrong_images(t, c, x);
        return result;
    }
    gan_tensor *input = packed(t, c, gan_augment_images(t, x, pass->augment));
    if (!input) return result;
    int64_t n = gan_tensor_dim(input, 0);
    gan_tensor *y = gan__module_forward_split(t, gan__condition_body(d->net.root, c), input,
                                              &labelled, &result.features);
    if (y && !are_scores(y, n))
        gan_tape_fail(t, GAN_ESHAPE, "discriminator: it gave %lld scores for %lld %s",
                      (long long)gan_tensor_size(y), (long long)n,
                      c->pack > 1 ? "packs of images" : "images");
    else if (y)
        result.scores = gan_reshape(t, y, 1, (int64_t[]){-1});
    use_head(t, d, &labelled, &result);
    return result;
}
