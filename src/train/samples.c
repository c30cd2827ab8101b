/* SPDX-License-Identifier: MIT
 *
 * The trainer's sample grids: always of the same latent vectors, so that pictures can be compared. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/image.h"
#include "gan/sampler.h"
#include "tensor/internal.h"
#include "train/internal.h"

gan_status gan_trainer_sample(gan_trainer *tr, gan_real *images, gan_error *err) {
    size_t count = (size_t)tr->config.sample_count;
    gan_real *z = gan__alloc(count * (size_t)gan_generator_config(tr->g)->nz, sizeof *z);
    if (!z) return gan__fail_memory(err);
    gan_sample_noise(tr->g, (uint64_t)tr->config.seed, 0, count, z);
    if (tr->ema) gan_ema_swap(tr->ema);
    gan_status s = gan_sample(tr->g, z, NULL, count, images, gan_tape_threads(tr->tape), err);
    if (tr->ema) gan_ema_swap(tr->ema);
    gan__free(z);
    return s;
}

/* A square; where there are few classes, a column for each. */
static int grid_columns(const gan_network_config *n, int count) {
    int side = (int)ceil(sqrt((double)count));
    return n->classes > 1 && n->classes <= 2 * side ? (int)n->classes : side;
}

gan_status gan_trainer_write_samples(gan_trainer *tr, const char *path, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    int count = (int)tr->config.sample_count, columns = grid_columns(n, count);
    gan_real *images =
        gan__alloc((size_t)(count * n->height * n->width * n->channels), sizeof *images);
    if (!images) return gan__fail_memory(err);
    gan_status s = gan_trainer_sample(tr, images, err);
    if (!s)
        s = gan_image_write_grid(path, count, (int)n->height, (int)n->width, (int)n->channels,
                                 images, columns, err);
    gan__free(images);
    return s;
}
