/* SPDX-License-Identifier: MIT
 *
 * The one place that chooses how a convolution is computed: by its shape, or as it is told. */
#include "kernel/conv.h"

#include "kernel/conv_gather.h"
#include "kernel/winograd.h"

gan__conv_method gan__conv_choice(const gan__conv *g) {
    if (g->method == GAN__CONV_GATHER || !gan__winograd_can(g)) return GAN__CONV_GATHER;
    if (g->method == GAN__CONV_WINOGRAD || gan__winograd_pays(g)) return GAN__CONV_WINOGRAD;
    return GAN__CONV_GATHER;
}

size_t gan__conv_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    if (gan__conv_choice(g) == GAN__CONV_WINOGRAD)
        return gan__winograd_workspace(g, result, threads);
    return gan__gather_workspace(g, result, threads);
}

void gan__conv_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w, gan_real *y,
                   void *workspace, int threads) {
    if (gan__conv_choice(g) == GAN__CONV_WINOGRAD)
        gan__winograd_run(gan__machine_here(), g, result, x, w, y, workspace, threads);
    else
        gan__gather_run(g, result, x, w, y, workspace, threads);
}
