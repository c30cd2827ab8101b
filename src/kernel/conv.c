/* SPDX-License-Identifier: MIT
 *
 * The one place that chooses how a convolution is computed. */
#include "kernel/conv.h"

#include "kernel/implicit.h"
#include "kernel/winograd.h"

gan__conv_method gan__conv_choice(const gan__conv *g) {
    if (g->method == GAN__CONV_IMPLICIT || !gan__winograd_can(g)) return GAN__CONV_IMPLICIT;
    if (g->method == GAN__CONV_WINOGRAD || gan__winograd_pays(g)) return GAN__CONV_WINOGRAD;
    return GAN__CONV_IMPLICIT;
}

size_t gan__conv_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    if (gan__conv_choice(g) == GAN__CONV_WINOGRAD)
        return gan__winograd_workspace(g, result, threads);
    if (result == GAN__CONV_X) return gan__implicit_x_workspace(g, threads);
    if (result == GAN__CONV_W) return gan__implicit_w_workspace(g, threads);
    return gan__implicit_y_workspace(g, threads);
}

void gan__conv_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w, gan_real *y,
                   const gan__ending *end, void *workspace, int threads) {
    static const gan__ending none = {NULL, 1};
    if (!end) end = &none;
    const gan__machine *m = gan__machine_here();
    if (gan__conv_choice(g) == GAN__CONV_WINOGRAD)
        gan__winograd_run(m, g, result, x, w, y, end, workspace, threads);
    else if (result == GAN__CONV_X)
        gan__implicit_x_run(m, g, x, w, y, workspace, threads);
    else if (result == GAN__CONV_W)
        gan__implicit_w_run(m, g, x, w, y, workspace, threads);
    else
        gan__implicit_y_run(m, g, x, w, y, end, workspace, threads);
}
