/* SPDX-License-Identifier: MIT
 *
 * The names in the file tell the layers: convolution i is followed by its ReLU, i + 1, and the next
 * convolution is i + 2, or i + 3 behind a pooling layer. */
#include <stdio.h>

#include "base/error.h"
#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/safetensors.h"
#include "gan/shape.h"

/* --- to ImageNet's colours --- */

static const double means[3] = {0.485, 0.456, 0.406}, deviations[3] = {0.229, 0.224, 0.225};

/* ((x + 1) / 2 - mean) / deviation; a grey image is three equal channels. */
static gan_tensor *normalise(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    int64_t three = 3;
    gan_tensor *scale = gan_input(t, 1, &three, NULL), *shift = gan_input(t, 1, &three, NULL);
    (void)m, (void)pass;
    for (int c = 0; c < 3 && scale && shift; c++) {
        gan_tensor_edit(scale)[c] = (gan_real)(0.5 / deviations[c]);
        gan_tensor_edit(shift)[c] = (gan_real)((0.5 - means[c]) / deviations[c]);
    }
    return gan_add(t, gan_mul(t, x, scale), shift);
}

/* --- layers --- */

static const gan_safetensors_entry *weight(const gan_safetensors *f, int i) {
    char name[48];
    snprintf(name, sizeof name, "features.%d.weight", i);
    const gan_safetensors_entry *e = gan_safetensors_find(f, name);
    return e && e->rank == 4 && e->dim[2] == 3 && e->dim[3] == 3 ? e : NULL;
}

static void add(gan_module *features, int i, gan_module *layer) {
    char name[16];
    snprintf(name, sizeof name, "%d", i);
    gan_module_add(features, name, layer);
}

/* The layers that the file names, as "features" in a tree. */
static gan_module *build(const gan_safetensors *f) {
    static const gan_module_type normalised = {.name = "imagenet", .forward = normalise};
    gan_module *root = gan_sequential(NULL), *features = gan_sequential(NULL);
    gan_module_add(root, NULL, gan_module_create(&normalised, 0));
    for (int i = 0; weight(f, i);) {
        const gan_safetensors_entry *e = weight(f, i);
        add(features, i, gan_conv_layer(e->dim[1], e->dim[0], 3, 1, 1, 1));
        add(features, i + 1, gan_activation(GAN_RELU, 0));
        i += 2;
        if (!weight(f, i) && weight(f, i + 1)) add(features, i, gan_max_pool_layer(2, 2, 0)), i++;
    }
    gan_module_add(root, "features", features);
    return root;
}

gan_status gan_vgg_load(const char *path, gan_module **out, gan_error *err) {
    gan_safetensors *f;
    gan_parameters p;
    *out = NULL;
    gan_status s = gan_safetensors_open(path, &f, err);
    if (s) return s;
    int found = weight(f, 0) && weight(f, 0)->dim[1] == 3;
    gan_module *root = found ? build(f) : NULL;
    gan_safetensors_close(f);
    if (!found)
        return gan__fail(err, GAN_EFORMAT,
                         "%s: there is no features.0.weight of [K,3,3,3]: it is no network of "
                         "VGG's layout with torchvision's names",
                         path);
    s = gan_parameters_collect(root, &p, err);
    if (!s) s = gan_parameters_load(&p, path, err);
    gan_parameters_free(&p);
    if (s) gan_module_free(root);
    if (!s) *out = root;
    return s;
}
