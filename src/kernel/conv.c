/* SPDX-License-Identifier: MIT
 *
 * The one place that chooses how a convolution is computed. */
#include "kernel/conv.h"

#include "kernel/gemm.h"
#include "kernel/implicit.h"
#include "kernel/winograd.h"

/* The first layer of a generator and the last of a discriminator: x [n][taps], w [k][taps],
 * y [n][k]. */
static int is_product(const gan__conv *g) {
    return g->oh * g->ow == 1 && g->h == g->kh && g->w == g->kw && !g->ph && !g->pw;
}

gan__conv_method gan__conv_choice(const gan__conv *g) {
    if (g->method == GAN__CONV_IMPLICIT) return GAN__CONV_IMPLICIT;
    if (g->method == GAN__CONV_WINOGRAD && gan__winograd_can(g)) return GAN__CONV_WINOGRAD;
    if (g->method == GAN__CONV_AUTO && is_product(g)) return GAN__CONV_PRODUCT;
    if (g->method == GAN__CONV_AUTO && gan__winograd_pays(g)) return GAN__CONV_WINOGRAD;
    return GAN__CONV_IMPLICIT;
}

size_t gan__conv_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    gan__conv_method how = gan__conv_choice(g);
    if (how == GAN__CONV_PRODUCT) return 0;
    if (how == GAN__CONV_WINOGRAD) return gan__winograd_workspace(g, result, threads);
    if (result == GAN__CONV_X) return gan__implicit_x_workspace(g, threads);
    if (result == GAN__CONV_W) return gan__implicit_w_workspace(g, threads);
    return gan__implicit_y_workspace(g, threads);
}

static void run_product(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                        gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                        int threads) {
    int64_t taps = g->kh * g->kw * g->c;
    if (result == GAN__CONV_X) {
        gan__gemm_run(0, 0, 1, g->n, taps, g->k, y, w, x, threads);
    } else if (result == GAN__CONV_W) {
        gan__gemm_run(1, 0, 1, g->k, taps, g->n, y, x, w, threads);
    } else {
        gan__gemm_run(0, 1, 1, g->n, g->k, taps, x, w, y, threads);
        m->finish(g->n, g->k, end->bias, end->slope, y, g->k);
    }
}

static void run_implicit(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                         gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                         void *workspace, int threads) {
    if (result == GAN__CONV_X)
        gan__implicit_x_run(m, g, x, w, y, workspace, threads);
    else if (result == GAN__CONV_W)
        gan__implicit_w_run(m, g, x, w, y, workspace, threads);
    else
        gan__implicit_y_run(m, g, x, w, y, end, workspace, threads);
}

void gan__conv_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w, gan_real *y,
                   const gan__ending *end, void *workspace, int threads) {
    static const gan__ending none = {NULL, 1};
    const gan__machine *m = gan__machine_here();
    gan__conv_method how = gan__conv_choice(g);
    if (!end) end = &none;
    if (how == GAN__CONV_PRODUCT)
        run_product(m, g, result, x, w, y, end, threads);
    else if (how == GAN__CONV_WINOGRAD)
        gan__winograd_run(m, g, result, x, w, y, end, workspace, threads);
    else
        run_implicit(m, g, result, x, w, y, end, workspace, threads);
}
