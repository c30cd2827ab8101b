/* SPDX-License-Identifier: MIT
 *
 * gan/discriminator.h - from images to scores: a discriminator's logits, or a critic's values.
 *
 * Architectures (a file each in src/nn/discriminator/):
 *
 *   dcgan   the mirror of the generator: convolutions 4x4, stride 2, down to 4x4; batch norm but on
 *           the first; leaky ReLU 0.2.
 *   resnet  residual blocks with average pooling, features summed over their pixels; norm auto is
 *           none. arXiv:1704.00028, arXiv:1802.05957.
 *   transformer  tokens of patches of three sizes, and one that is judged. arXiv:2102.07074.
 *   mlp     fully connected, 8 and 4 times `features` wide; leaky ReLU 0.2.
 *   patch   pix2pix's PatchGAN: a map of scores, each of a patch; convolutions 4x4, batch norm but on
 *           the first, leaky ReLU 0.2. With sides from 64 on patches are 70x70, from 32 on 34x34,
 *           from 8 on 16x16; the map's sides are those of the image / 8, 4 or 2, less 2.
 *           arXiv:1611.07004.
 *   srgan   SRGAN's: eight convolutions 3x3, every other one with stride 2, features * 2^i; batch
 *           norm but on the first, leaky ReLU 0.2; linear layers of 16 * features and 1. Sides that
 *           are multiples of 16. arXiv:1609.04802.
 *
 * With config->spectral all their weights are spectrally normalised, and norm auto is none; with
 * config->stddev the last layer sees a minibatch standard deviation too. With config->pack = p > 1
 * the network judges p images together, as one of p*C channels. */
#ifndef GAN_DISCRIMINATOR_H
#define GAN_DISCRIMINATOR_H

#include "gan/network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_discriminator gan_discriminator;

/* With weights of 0: draw them with gan_parameters_initialise(), or load them. GAN_EINVAL names
 * what is out of range. */
GAN_API gan_status gan_discriminator_create(const gan_network_config *config,
                                            gan_discriminator **out, gan_error *err);

/* Of a network of the caller's: root maps [N,height,width,channels] to N numbers or a map
 * [N,h,w,1], under config->pack = p [N,height,width,p*channels]. Takes root, also on failure. */
GAN_API gan_status gan_discriminator_wrap(gan_module *root, const gan_network_config *config,
                                          gan_discriminator **out, gan_error *err);
GAN_API void gan_discriminator_free(gan_discriminator *d);

GAN_API const gan_network_config *gan_discriminator_config(const gan_discriminator *d);
GAN_API gan_module *gan_discriminator_root(gan_discriminator *d);
GAN_API gan_parameters *gan_discriminator_parameters(gan_discriminator *d);

/* How the score of an image depends on the other images of its batch: gan_mixing as bits, 0 for not
 * at all. Images of a pack are mixed on purpose. */
GAN_API int gan_discriminator_mixes_batch(gan_discriminator *d);

/* What a forward pass gives; all belong to the tape, NULL where the architecture has no such
 * output. */
typedef struct gan_judgement {
    /* [N], of packs [N/pack]: higher is more real; no sigmoid has been applied. Of a discriminator
     * that judges P patches of an image, whose network ends in a map [N,h,w,1], [N*P]: those of an
     * image together. */
    gan_tensor *scores;
    gan_tensor *features; /* [N,...]: what the last layer of a sequence reads */
    gan_tensor *classes;  /* [N,classes]: logits, under condition classifier */
} gan_judgement;

/* x [N,H,W,C], which go through the pass's augmentation first; labels: N class numbers; NULL: those
 * of the pass. config->pack images that follow one another are a
 * pack: GAN_ESHAPE when N is no multiple of it. */
GAN_API gan_judgement gan_discriminator_forward(gan_tape *t, gan_discriminator *d, gan_tensor *x,
                                                const int *labels, const gan_pass *pass);

#ifdef __cplusplus
}
#endif
#endif
