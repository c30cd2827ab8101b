/* SPDX-License-Identifier: MIT
 *
 * gan/checkpoint.h - networks in files.
 *
 * Files are safetensors with PyTorch's names and layouts: the generator and discriminator of a
 * dcgan load into the tutorial's classes with strict=True. The description of the network is in the
 * metadata, so that a generator can be built from its file. A file is checked as a whole before
 * anything is changed; of a folder's two files each is, for itself. */
#ifndef GAN_CHECKPOINT_H
#define GAN_CHECKPOINT_H

#include "gan/discriminator.h"
#include "gan/generator.h"

#ifdef __cplusplus
extern "C" {
#endif

GAN_API gan_status gan_generator_save(gan_generator *g, const char *path, gan_error *err);
GAN_API gan_status gan_discriminator_save(gan_discriminator *d, const char *path, gan_error *err);

/* Builds the generator that a file describes and loads it. path may be a run's folder. A custom
 * network cannot be built from its file: GAN_EUNSUPPORTED says to build it and use
 * gan_parameters_load. */
GAN_API gan_status gan_generator_load(const char *path, gan_generator **out, gan_error *err);

/* Loads parameters by name. GAN_ESHAPE, GAN_EFORMAT name the tensor that is missing or does not
 * fit; nothing has changed then. */
GAN_API gan_status gan_parameters_load(gan_parameters *p, const char *path, gan_error *err);

/* The weights of a run's folder (both networks) or of one file, for the network whose names and
 * shapes fit. */
GAN_API gan_status gan_networks_load(const char *path, gan_generator *g, gan_discriminator *d,
                                     gan_error *err);

/* The feature layers of a network of VGG's layout from a safetensors file with torchvision's names,
 * features.0.weight, features.0.bias, features.2.weight, ...: 3x3 convolutions with a ReLU each, and
 * 2x2 max pooling where a number is left out for it. All convolutions of the file are taken: leave
 * out those behind the layer that is wanted. Images are expected in [-1,1], 1 or 3 channels, and are
 * brought to ImageNet's mean and deviation. *out belongs to the caller: gan_module_free(). GAN_EIO,
 * GAN_EFORMAT, GAN_ENOMEM. */
GAN_API gan_status gan_vgg_load(const char *path, gan_module **out, gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
