/* SPDX-License-Identifier: MIT
 *
 * kernel/implicit.h - convolutions of any geometry as matrix products over patches that are never
 * gathered: the elements of a patch are found by two tables of offsets, one for the place of the
 * patch and one for the place in it, in a copy of the images with its padding around it (or in the
 * images themselves, where there is no padding).
 *
 * The contract is that of kernel/conv.h. */
#ifndef GAN_KERNEL_IMPLICIT_H
#define GAN_KERNEL_IMPLICIT_H

#include "kernel/conv.h"
#include "kernel/machine.h"

size_t gan__implicit_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__implicit_run(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                       gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                       void *workspace, int threads);

/* --- shared by the files of this module --- */

/* Each of the results. */
size_t gan__implicit_y_workspace(const gan__conv *g, int threads);
void gan__implicit_y_run(const gan__machine *m, const gan__conv *g, const gan_real *x,
                         const gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                         int threads);
size_t gan__implicit_x_workspace(const gan__conv *g, int threads);
void gan__implicit_x_run(const gan__machine *m, const gan__conv *g, gan_real *x, const gan_real *w,
                         const gan_real *y, void *workspace, int threads);
size_t gan__implicit_w_workspace(const gan__conv *g, int threads);
void gan__implicit_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                         const gan_real *y, void *workspace, int threads);

/* The part of the images that the windows see, with a border of zeros. */
typedef struct gan__frame {
    int64_t h, w, c; /* of one image, with its border */
    int copied;      /* 0: the windows lie inside, the images are their own frame */
} gan__frame;

gan__frame gan__frame_make(const gan__conv *g);

/* Elements from one framed image to the next. */
static inline int64_t gan__frame_size(const gan__frame *f) {
    return f->h * f->w * f->c;
}

/* out = the frames of the images [from, to). */
void gan__frame_fill(const gan__frame *f, const gan__conv *g, const gan_real *x, int64_t from,
                     int64_t to, gan_real *out);

/* Offsets in frames of the patches of `images` images, in the order of y; and of the elements of a
 * patch, in the order of w. */
void gan__frame_patches(const gan__frame *f, const gan__conv *g, int64_t images, int64_t *offset);
void gan__frame_taps(const gan__frame *f, const gan__conv *g, int64_t *offset);

/* n rows of m elements a whole number of lines apart, which is what products read: the rows as they
 * are, or a copy with some numbers of them or zeros behind each. And back. */
const gan_real *gan__rows_whole(int64_t n, int64_t m, const gan_real *rows, gan_real *copy);
void gan__rows_dense(int64_t n, int64_t m, const gan_real *rows, gan_real *out);

#endif
