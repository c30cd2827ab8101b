/* SPDX-License-Identifier: MIT */
#include "gan/sampler.h"

#include <string.h>

#include "base/error.h"
#include "nn/internal.h"
#include "tensor/internal.h"

void gan_sample_noise(const gan_generator *g, uint64_t seed, uint64_t first, size_t count,
                      gan_real *z) {
    size_t nz = (size_t)gan_generator_config(g)->nz;
    for (size_t i = 0; i < count; i++) {
        gan_rng r = gan_rng_make(seed, GAN__STREAM_SAMPLE, first + i);
        if (gan_generator_is_uniform(g))
            gan_rng_fill_uniform(&r, z + i * nz, nz, -1, 1);
        else
            gan_rng_fill_normal(&r, z + i * nz, nz, 0, 1);
    }
}

/* Of the images at..at+count of a call; 0 for the places behind them. */
static void choose_labels(const gan_generator *g, const int *labels, size_t at, size_t count,
                          int *out) {
    size_t classes = (size_t)gan_generator_config(g)->classes;
    for (size_t i = 0; i < GAN_SAMPLE_BATCH; i++) {
        out[i] = classes ? (int)((at + i) % classes) : 0;
        if (labels) out[i] = i < count ? labels[at + i] : 0;
    }
}

/* One batch; the places from `count` on hold zeros. */
static void sample_batch(gan_tape *t, gan_generator *g, const gan_real *z, const int *labels,
                         size_t count, gan_real *images) {
    const gan_network_config *c = gan_generator_config(g);
    const gan_pass pass = {.labels = labels};
    const int64_t dim[2] = {GAN_SAMPLE_BATCH, c->nz};
    gan_tape_reset(t);
    gan_tape_record(t, 0);
    gan_tensor *zt = gan_input(t, 2, dim, NULL);
    if (zt) memcpy(gan_tensor_edit(zt), z, count * (size_t)c->nz * sizeof *z);
    gan_tensor *x = gan_generator_forward(t, g, zt, NULL, &pass);
    size_t image = (size_t)(c->height * c->width * c->channels);
    if (x) memcpy(images, gan_tensor_data(x), count * image * sizeof *images);
}

gan_status gan_sample(gan_generator *g, const gan_real *z, const int *labels, size_t count,
                      gan_real *images, int threads, gan_error *err) {
    int chosen[GAN_SAMPLE_BATCH];
    const gan_network_config *c = gan_generator_config(g);
    size_t image = (size_t)(c->height * c->width * c->channels);
    if (c->source_channels)
        return gan__fail(err, GAN_EINVAL,
                         "the generator makes images of images, not of latent vectors: gan upscale "
                         "and gan translate are for such");
    gan_tape *t = gan_tape_create(threads);
    gan_status s = t ? GAN_OK : gan__fail_memory(err);
    for (size_t at = 0; at < count && !s; at += GAN_SAMPLE_BATCH) {
        size_t n = count - at < GAN_SAMPLE_BATCH ? count - at : GAN_SAMPLE_BATCH;
        choose_labels(g, labels, at, n, chosen);
        sample_batch(t, g, z + at * (size_t)c->nz, chosen, n, images + at * image);
        s = gan__tape_failed(t, err);
    }
    gan_tape_free(t);
    return s;
}
