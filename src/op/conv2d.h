/* SPDX-License-Identifier: MIT
 *
 * op/conv2d.h - a convolution with what follows it in a layer, in the same operation. */
#ifndef GAN_OP_CONV2D_H
#define GAN_OP_CONV2D_H

#include "gan/conv2d.h"
#include "kernel/conv.h"

/* What a node of the family holds. The result y may go through a bias and a leaky ReLU. */
typedef struct gan__conv_form {
    gan__conv g;
    gan__conv_role result;
    double slope;
} gan__conv_form;

/* leaky(conv2d(x, w) + b), leaky(v) = v > 0 ? v : slope * v; b [K] or NULL; slope 1: no activation,
 * and not negative: the backward pass takes the sign of v from the result. */
gan_tensor *gan__conv2d_leaky(gan_tape *t, gan_tensor *x, gan_tensor *w, gan_tensor *b,
                              gan_window window, double slope);

#endif
