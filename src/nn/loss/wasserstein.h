/* SPDX-License-Identifier: MIT
 *
 * nn/loss/wasserstein.h - the losses that wgan and wgan-gp share. */
#ifndef GAN_NN_LOSS_WASSERSTEIN_H
#define GAN_NN_LOSS_WASSERSTEIN_H

#include "gan/loss.h"

gan_loss_function gan__wasserstein_d, gan__wasserstein_g;

#endif
