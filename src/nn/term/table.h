/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_TERM_TABLE_H
#define GAN_NN_TERM_TABLE_H

#include "gan/term.h"

extern const gan_term gan__term_l1, gan__term_l2, gan__term_charbonnier, gan__term_perceptual,
    gan__term_cycle, gan__term_identity, gan__term_vgg;

#endif
