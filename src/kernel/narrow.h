/* SPDX-License-Identifier: MIT
 *
 * kernel/narrow.h - convolutions with few channels on a side, of any geometry.
 *
 * A product that makes vectors of 3 channels wastes 13 lanes of 16. Here the taps of a kernel, or of
 * one of its rows, stand beside each other in a vector:
 *
 * shifts   x of few channels c: products [pixels of y][k] . [k][taps c], of which a pixel of x is a
 *          sum, each tap from the pixel of y that it shifts to x;
 * strips   w and y of few channels c or k: outer and inner products of a row of taps, kw c elements
 *          of x that lie together, with a pixel of y or a row of w;
 * gathers  x of few channels k: products [pixels of x][taps k] . [taps k][c] for each phase of the
 *          stride;
 * turned   where the stride is 1, T(x,w,y) = T(y,w',x), w'[c,a,b,k] = w[k,kh-1-a,kw-1-b,c], with
 *          the padding kh-1-ph, kw-1-pw: so what is good for few c is good for few k.
 *
 * Some lanes are multiplied by zeros: what is not finite in x or y may reach results nearby.
 *
 * The contract is that of kernel/conv.h; gan__narrow_can() says which methods of it there are. */
#ifndef GAN_KERNEL_NARROW_H
#define GAN_KERNEL_NARROW_H

#include "kernel/conv.h"
#include "kernel/machine.h"

/* Can this method compute this result? */
int gan__narrow_can(gan__conv_method method, const gan__conv *g, gan__conv_role result);

/* The method that is expected to take the least time, of these and GAN__CONV_IMPLICIT. */
gan__conv_method gan__narrow_choice(const gan__conv *g, gan__conv_role result);

/* GAN__CONV_NARROW: shifts for x, strips for w and y. */
size_t gan__narrow_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__narrow_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                     gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                     int threads);

/* GAN__CONV_GATHER: x alone. */
size_t gan__gathers_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__gathers_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                      gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                      int threads);

/* GAN__CONV_TURNED: the implicit product for w, turned. GAN__CONV_TURNED_NARROW: GAN__CONV_NARROW,
 * turned. */
size_t gan__turned_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__turned_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                     gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                     int threads);

/* --- shared by the files of this module --- */

/* What is run in the place of g and its result, by one of the two; the inverse of itself, up to the
 * method and to what x has outside of all windows. */
gan__conv gan__turned(const gan__conv *g, gan__conv_method method);
gan__conv_role gan__turned_role(gan__conv_role result);

/* Rows of x in a job: of an image, where there are images enough, or of a band of it. Few rows of y
 * are seen by two bands. */
int64_t gan__narrow_band(const gan__conv *g);

/* The result x; `end` is for x, since a turned y is one. */
size_t gan__shifts_workspace(const gan__conv *g, int threads);
void gan__shifts_run(const gan__machine *m, const gan__conv *g, gan_real *x, const gan_real *w,
                     const gan_real *y, const gan__ending *end, void *workspace, int threads);
size_t gan__strips_workspace(const gan__conv *g, gan__conv_role result, int threads);
void gan__strips_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                       const gan_real *y, void *workspace, int threads);
void gan__strips_y_run(const gan__machine *m, const gan__conv *g, const gan_real *x,
                       const gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                       int threads);

#endif
