/* SPDX-License-Identifier: MIT
 *
 * gan/sampler.h - images from a trained generator.
 *
 *     gan_generator *g;
 *     gan_real z[64 * 100], images[64 * 64 * 64 * 3];
 *     if (gan_generator_load("generator.safetensors", &g, NULL)) return 1;
 *     gan_sample_noise(g, 1, 0, 64, z);
 *     gan_sample(g, z, NULL, 64, images, 0, NULL);
 *
 * Sampling runs in batches of GAN_SAMPLE_BATCH, the last one padded, and in evaluation mode: the
 * image of a latent vector depends on nothing else, and the image of (seed, index) not on how many
 * are made. */
#ifndef GAN_SAMPLER_H
#define GAN_SAMPLER_H

#include "gan/generator.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_SAMPLE_BATCH 16

/* Latent vectors number first .. first+count of a seed into z[count][nz], from the distribution the
 * generator was trained with. */
GAN_API void gan_sample_noise(const gan_generator *g, uint64_t seed, uint64_t first, size_t count,
                              gan_real *z);

/* images[count][H][W][C] in [-1,1] of z[count][nz]. labels[count]: of what classes; NULL: of a
 * generator with K of them image i is of class i % K. threads 0: one for each processor.
 * GAN_EINVAL: a generator of images; GAN_ENOMEM, or what the network says. */
GAN_API gan_status gan_sample(gan_generator *g, const gan_real *z, const int *labels, size_t count,
                              gan_real *images, int threads, gan_error *err);

/* The image that a generator of images makes of one source [h,w,c] in [-1,1], h and w any that
 * it can work with: to out [h*s,w*t,C], s and t the ratios of its own sides. In evaluation mode;
 * with `back` by the second of twins. With tile 0 at once; else in tiles of tile x tile pixels
 * of the source, each of which is seen with `halo` pixels more on each side: memory is then that
 * of a tile, and no seams are seen where the halo is as wide as the network looks (gan_apply of
 * a srresnet with b blocks: 2 b + 12 pixels). threads 0: one for each processor. GAN_EINVAL: a
 * generator of latent vectors, or `back` of one that is no twin; GAN_ENOMEM, or what the network
 * says. */
GAN_API gan_status gan_apply(gan_generator *g, const gan_real *source, int64_t h, int64_t w,
                             int64_t tile, int64_t halo, int back, gan_real *out, int threads,
                             gan_error *err);

/* 1: uniform(-1,1), 0: normal(0,1). Kept in the generator's file. */
GAN_API void gan_generator_set_uniform(gan_generator *g, int uniform);
GAN_API int gan_generator_is_uniform(const gan_generator *g);

#ifdef __cplusplus
}
#endif
#endif
