/* SPDX-License-Identifier: MIT
 *
 * kernel/winograd.h - convolutions through the bilinear forms of kernel/bilinear.h.
 *
 * Same contract as kernel/conv.h, for the geometries that gan__winograd_can() accepts. */
#ifndef GAN_KERNEL_WINOGRAD_H
#define GAN_KERNEL_WINOGRAD_H

#include "base/parallel.h"
#include "kernel/conv.h"
#include "kernel/machine.h"

/* Is there a bilinear form of this kernel and stride? And are there enough channels and pixels for it
 * to take clearly less work? */
int gan__winograd_can(const gan__conv *g);
int gan__winograd_pays(const gan__conv *g);

size_t gan__winograd_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__winograd_run(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                       gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                       void *workspace, int threads);

/* --- shared by the files of this module --- */

size_t gan__winograd_w_workspace(const gan__conv *g, int threads);
void gan__winograd_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads);

/* The cut of the images into tiles of y and the patches of x that they see. */
typedef struct gan__tiling {
    const gan__conv *g;
    const gan__bilinear *form;
    int variant;
    int64_t rows, cols, image; /* tiles down, across, of one image */
    int64_t phases;            /* of x: stride squared */
    int64_t points;            /* products: form->points squared */
} gan__tiling;

gan__tiling gan__tiling_make(const gan__conv *g);

/* The places of a phase's taps among those of a kernel; returns their number. */
#define GAN__MOST_TAPS 9
int gan__tiling_taps(const gan__tiling *t, int64_t phase, int64_t *at);

/* What threads share: channels of zeros, and a place for what lies outside of the images. */
typedef struct gan__margin {
    const gan_real *zeros; /* at least max(c, k) of them, up to a whole line */
    gan_real *waste;       /* as many for each thread */
    int64_t size;
} gan__margin;

/* Analysis of x (role GAN__CONV_X) or y (GAN__CONV_Y) of the images [from, to): out[p][row][ld] for
 * the rows of these images' tiles, in order. A row of x has its phases one after the other. */
void gan__tiles_lift(const gan__machine *m, const gan__tiling *t, gan__conv_role role,
                     const gan_real *data, int64_t from, int64_t to, const gan__margin *margin,
                     gan_real *out, int64_t ld, int64_t stride);

/* Synthesis of the same, for the channels [c0, c0+cn) of a phase (of x): in[p][row][ld], at channel
 * c0. Elements of x that no tile sees are set to 0. `end` is for y. */
void gan__tiles_drop(const gan__machine *m, const gan__tiling *t, gan__conv_role role,
                     gan_real *data, int64_t from, int64_t to, int64_t phase, int64_t c0,
                     int64_t cn, const gan__margin *margin, const gan__ending *end,
                     const gan_real *in, int64_t ld, int64_t stride);

#endif
