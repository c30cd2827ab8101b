/* SPDX-License-Identifier: MIT
 *
 * gan/generator.h - from latent vectors to images.
 *
 * Architectures (a file each in src/nn/generator/):
 *
 *   dcgan   transposed convolutions 4x4, stride 2, from a 4x4 image up; batch norm and ReLU; tanh at
 *           the end. Sizes 32, 64, 128, 256, channels features * min(2^i, 16); and 28, from a 7x7
 *           image. arXiv:1511.06434.
 *   resnet  residual blocks that double the image, batch norm and ReLU; the same sizes, channels
 *           features * min(2^i, 16). arXiv:1704.00028, arXiv:1802.05957.
 *           These two take self-attention at a side of their choice: config->attention.
 *   transformer  tokens, multi-head attention and pixel shuffle, from an 8x8 image up, channels
 *           features * 4^i; in windows of 16x16 from 32x32 on. Sizes 32, 64, 128. arXiv:2102.07074.
 *   mlp     fully connected, 4, 8 and 16 times `features` wide; any size.
 *
 * of images, whose sizes are config->source_height, ...; all are convolutional, and take sources of
 * other sizes than these (where the sides divide as often):
 *
 *   unet      pix2pix's U-Net: convolutions 4x4, stride 2, down to 1x1, and back beside what they
 *             were made of; batch norm; tanh at the end. Source and image equal and square, 32, 64,
 *             ..., 512; channels features * min(2^i, 8). Dropout is in the inner levels of
 *             8 * features, without the innermost: the paper's is 0.5. arXiv:1611.07004.
 *   resnet9   CycleGAN's: twice halved, residual blocks with reflected borders (9; 6 up to 128x128;
 *             config->depth), twice doubled; norm auto is instance; tanh at the end. Source and
 *             image equal, sides multiples of 4 from 8 on. arXiv:1703.10593.
 *   srresnet  2, 4 or 8 times the source's sides: residual blocks (16; config->depth), PReLU, pixel
 *             shuffles; batch norm. Nothing bounds its values: they may leave [-1,1], and pictures
 *             are clamped when they are written. No dropout. arXiv:1609.04802.
 *
 * Instance norm has no parameters in these, and in discriminators patch and srgan; in others a
 * scale and a shift. */
#ifndef GAN_GENERATOR_H
#define GAN_GENERATOR_H

#include "gan/network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_generator gan_generator;

/* With weights of 0: draw them with gan_parameters_initialise(), or load them. GAN_EINVAL names
 * what is out of range. */
GAN_API gan_status gan_generator_create(const gan_network_config *config, gan_generator **out,
                                        gan_error *err);

/* Of a network of the caller's: root maps [N,nz] to [N,height,width,channels]. Takes root, also on
 * failure. `config` says the sizes; its arch is set to "custom". */
GAN_API gan_status gan_generator_wrap(gan_module *root, const gan_network_config *config,
                                      gan_generator **out, gan_error *err);
GAN_API void gan_generator_free(gan_generator *g);

GAN_API const gan_network_config *gan_generator_config(const gan_generator *g);
GAN_API gan_module *gan_generator_root(gan_generator *g);
GAN_API gan_parameters *gan_generator_parameters(gan_generator *g);

/* z [N,nz] -> images [N,H,W,C] in [-1,1]. Of a generator that makes images of images: sources
 * [N,h,w,c], c its source_channels, and h and w any that the architecture can work with -> images
 * that are larger than these by H / source_height and W / source_width. labels: N class numbers;
 * NULL: those of the pass. */
GAN_API gan_tensor *gan_generator_forward(gan_tape *t, gan_generator *g, gan_tensor *z,
                                          const int *labels, const gan_pass *pass);

#ifdef __cplusplus
}
#endif
#endif
