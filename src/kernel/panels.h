/* SPDX-License-Identifier: MIT
 *
 * kernel/panels.h - the weights of a convolution at the points of its bilinear form, in panels of
 * at most GAN__PANEL columns: [points][depth][width]. */
#ifndef GAN_KERNEL_PANELS_H
#define GAN_KERNEL_PANELS_H

#include "base/parallel.h"
#include "kernel/winograd.h"
#include "kernel/workspace.h"

typedef struct gan__panels {
    const gan__tiling *t;
    gan__conv_role result;   /* GAN__CONV_Y or GAN__CONV_X */
    int64_t columns, groups; /* of the result: k once, or c for each phase */
    int64_t depth;           /* rows of a panel: c of all phases, or k */
    int64_t each, count;     /* panels of a group, of all */
} gan__panels;

typedef struct gan__panel {
    int64_t group, first, n; /* its columns */
    int64_t width;           /* n rounded up to whole lines */
} gan__panel;

/* Not a power of two: the points of an element are written one after the other. */
static inline int64_t gan__panel_apart(int64_t rows, int64_t width) {
    return gan__apart(rows * width);
}

gan__panels gan__panels_make(const gan__tiling *t, gan__conv_role result);
gan__panel gan__panel_at(const gan__panels *p, int64_t i);

/* The rows [d0, d0+dn) of panel i: out[p][dn][width], gan__panel_apart(dn, width) from one point to
 * the next. `scratch` has room for GAN__PANEL_SCRATCH elements. */
#define GAN__PANEL_SCRATCH ((int64_t)9 * 32 * GAN__PANEL)
void gan__panel_make(const gan__machine *m, const gan__panels *p, int64_t i, int64_t d0, int64_t dn,
                     const gan_real *w, gan_real *out, gan_real *scratch);

#endif
