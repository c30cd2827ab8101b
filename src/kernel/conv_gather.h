/* SPDX-License-Identifier: MIT
 *
 * kernel/conv_gather.h - convolutions as matrix products over gathered patches: any geometry. The
 * contract is that of kernel/conv.h. */
#ifndef GAN_KERNEL_CONV_GATHER_H
#define GAN_KERNEL_CONV_GATHER_H

#include "kernel/conv.h"

size_t gan__gather_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__gather_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w,
                     gan_real *y, void *workspace, int threads);

#endif
