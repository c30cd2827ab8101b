/* SPDX-License-Identifier: MIT
 *
 * Generated images of earlier steps, which D sees in place of new ones half of the time
 * (arXiv:1612.07828, section 2.3, as CycleGAN's authors have it): while a pool is not full an image is
 * kept and shown; then with probability 1/2 it is exchanged for one of the pool. How many images a
 * pool has follows from the counters. */
#include <string.h>

#include "base/error.h"
#include "train/step.h"

gan_status gan__pool_start(gan_trainer *tr, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    const int64_t dim[5] = {2, tr->config.image_pool, n->height, n->width, n->channels};
    if (!tr->task->both_ways || !tr->config.image_pool) return GAN_OK;
    tr->pool = gan_tensor_create(5, dim);
    return tr->pool ? GAN_OK : gan__fail_memory(err);
}

/* Places of the images that came before: all of the pool once it is full. */
static int64_t kept(const gan_trainer *tr, int64_t seen) {
    return seen < tr->config.image_pool ? seen : tr->config.image_pool;
}

/* Exchanges one image with the pool, which `seen` others have gone through. */
static void exchange(gan_trainer *tr, gan_real *pool, int64_t seen, size_t size, gan_rng *r,
                     gan_real *image) {
    int64_t full = tr->config.image_pool;
    if (kept(tr, seen) < full) {
        memcpy(pool + (size_t)seen * size, image, size * sizeof *image);
        return;
    }
    if (gan_rng_uniform(r) < 0.5) return;
    gan_real *old = pool + gan_rng_below(r, (uint32_t)full) * size;
    for (size_t i = 0; i < size; i++) {
        gan_real other = old[i];
        old[i] = image[i];
        image[i] = other;
    }
}

gan_tensor *gan__pool_exchange(gan_trainer *tr, const gan_tensor *images, int64_t number, int way) {
    if (!images) return NULL;
    int64_t n = images->dim[0];
    size_t size = (size_t)(images->size / n);
    gan_tensor *shown = gan_input(tr->tape, 4, images->dim, images->data);
    gan_rng r = gan__rng_of(tr, GAN__STREAM_POOL, 2 * (uint64_t)number + (uint64_t)way);
    gan_real *pool = tr->pool ? gan_tensor_edit(tr->pool) : NULL;
    for (int64_t i = 0; i < n && pool && shown; i++)
        exchange(tr, pool + (size_t)(way * tr->config.image_pool) * size, number * n + i, size, &r,
                 gan_tensor_edit(shown) + (size_t)i * size);
    return shown;
}
