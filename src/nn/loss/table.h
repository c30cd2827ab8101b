/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_LOSS_TABLE_H
#define GAN_NN_LOSS_TABLE_H

#include "gan/loss.h"

extern const gan_objective gan__loss_standard, gan__loss_lsgan, gan__loss_hinge,
    gan__loss_relativistic, gan__loss_wgan, gan__loss_wgan_gp;

#endif
